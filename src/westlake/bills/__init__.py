"""Cloud bills, and the spend in them that counts: bills in, the eligible base out, line by line; never a rate.

    deliveries = bills.intake(connection, folder, files, manifest, received_day)
    with bills.base_lines(connection, folder, policy, accounts, related, fx, period, zone, "CNY") as lines:
        for line in lines:
            rows = bills.audit(lines, line)  # every row behind it, with its share to the last fen
"""

from westlake.bills.audit import AuditRow, audit
from westlake.bills.baselines import BaseLine, BaseLines, RulingSum, Suspension, Tie
from westlake.bills.declared import DeclaredInvoice
from westlake.bills.fx import FxRate, FxTable
from westlake.bills.intake import Parcel, intake, intake_all
from westlake.bills.lines import base_lines
from westlake.bills.manifest import DeclaredFile, Manifest, manifest_beside, read_manifest
from westlake.bills.policy import SpendClass, SpendPolicy, read_spend
from westlake.bills.rates import read_rates
from westlake.bills.rulings import RULINGS
from westlake.bills.standing import Flag
from westlake.bills.tables import Clearance, Delivery, clear, create, deliveries

__all__ = [
    "RULINGS", "AuditRow", "BaseLine", "BaseLines", "Clearance", "DeclaredFile", "DeclaredInvoice", "Delivery", "Flag",
    "FxRate", "FxTable", "Manifest", "Parcel", "RulingSum", "SpendClass", "SpendPolicy", "Suspension",
    "Tie", "audit", "base_lines", "clear", "create", "deliveries", "intake", "intake_all", "manifest_beside",
    "read_manifest", "read_rates", "read_spend"]
