# One command each. All need only Python 3.11 or newer; what they make lies under $${KOPPEL_HOME:-.koppel}.
.PHONY: help run stop reset manage test prove check fix pins
.SILENT:

help:
	echo "make run      start Koppel with demo data (KOPPEL_DEMO=0: without), PORT= SANDBOX_PORT= KOPPEL_HOME="
	echo "make stop     end what make run started"
	echo "make reset    delete everything that make run made, after asking (YES=1: without)"
	echo "make manage   a manage.py command in the running site: make manage ARGS=\"verify_audit\""
	echo "make test     every test, browser included; ARGS= goes to pytest"
	echo "make prove    the same with the long kill and fault tests in full"
	echo "make check    formatting, types, layers, migrations, deployment, templates, pins, translations"
	echo "make pins     requirements*.txt from requirements*.in: every dependency, with its hashes"
	echo "make fix      what can be put right by itself"

run stop reset manage test prove check fix pins:
	sh scripts/start $@
