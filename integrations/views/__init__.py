"""The API of integrations: `/api/dashboard/integrations`."""
