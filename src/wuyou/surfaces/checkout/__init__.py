"""What pages, API and command line share when someone buys: place, pay, follow a link.

Each function is an entry point that spans several transactions or domains; nothing here decides anything.
"""
