"""The demonstration institute: a city and a university, told through the published ways in only.

What is made here goes through pages, API, command line and Python client, as anybody's would: this
package imports nothing of the server. Every person in it is made up.
"""
