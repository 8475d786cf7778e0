"""`python -m dataclinic` is the program."""

from dataclinic.cli.app import main

if __name__ == "__main__":
    main()
