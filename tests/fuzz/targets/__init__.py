"""The fuzz targets, a module each; each has a ``TARGET``. None of them imports the fuzzer: pytest runs them without it."""
