"""
Reading a résumé's text for facts that a profile has room for, each with the line it stands in.

Plain rules, no model and no network. Few and right rather than many: what is doubtful is left out, what a résumé leaves
open (a month, a level) stays open and is asked of its owner. The text is data: a sentence that talks to a machine is
skipped, and nothing here decides anything. Runs in the limited child process (`reading.__main__`), knows no table.
"""
