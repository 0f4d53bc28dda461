"""The embedded default: database, emulator, web and jobs in one command, everything under ``var/``."""
