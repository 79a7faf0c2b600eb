"""People and their work in the management portal; every change goes through
the services, as everywhere.
"""

from crm.admin import merging, organizations, records  # noqa: F401  they register themselves
