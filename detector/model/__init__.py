"""The nouns: frozen values that all floors share. Standard library only, no behaviour beyond reading themselves."""
