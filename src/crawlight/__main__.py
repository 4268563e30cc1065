"""``python -m crawlight`` is the ``crawlight`` command."""

from crawlight.cli.main import main

if __name__ == "__main__":
    main()
