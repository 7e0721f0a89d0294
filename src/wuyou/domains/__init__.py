"""The business, one package a bounded context: down by call, up by event, sideways never."""
