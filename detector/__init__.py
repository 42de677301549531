"""rmm-detector: did anybody use a remote-access tool to get at our models?

The tree shows the architecture; ``docs/architecture.md`` says what each floor may import.
"""

__version__ = "0.1.0"
