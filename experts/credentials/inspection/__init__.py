"""
Looking into an uploaded file, in a process that may do nothing else (safety A.3 row 6).

`runner.inspect` starts `python -m experts.credentials.inspection EXTENSION` with the file as its standard input. That
process limits its own memory, time and output, gives up the network, parses, and answers with one line of JSON. It
knows neither Django nor the database.
"""
