"""The program, as `dataclinic` and as `python -m dataclinic`."""

import sys
from typing import NoReturn


def main() -> NoReturn:
    """Run the program; Ctrl-C while it is still being imported ends it quietly too."""
    try:
        from dataclinic.cli.app import main as program

        program()
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
