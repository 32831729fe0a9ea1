"""What the flow needs from the outside world, as Protocols.

Adapters translate and decide nothing; the flow decides and translates nothing.
"""

from bridge.core.ports.coze import (
    About,
    Backend,
    Line,
    Parameter,
    Question,
    Services,
    Shortcut,
    Workflow,
)
from bridge.core.ports.groups import Groups, Remark
from bridge.core.ports.installations import Installation, Installations
from bridge.core.ports.pairing import Applicant, Pairing
from bridge.core.ports.places import Place, Places
from bridge.core.ports.platform import (
    Accept,
    Adapter,
    Budget,
    Call,
    Drafts,
    Http,
    Limits,
    Page,
    Reacts,
    Streams,
)
from bridge.core.ports.records import Offer, Record, Records, Spent
from bridge.core.ports.store import (
    ALL,
    HEAD,
    Inbox,
    Lease,
    Limiter,
    Memory,
    Progress,
    Talk,
    Waiting,
)

__all__ = [
    "ALL",
    "HEAD",
    "About",
    "Accept",
    "Adapter",
    "Applicant",
    "Backend",
    "Budget",
    "Call",
    "Drafts",
    "Groups",
    "Http",
    "Inbox",
    "Installation",
    "Installations",
    "Lease",
    "Limiter",
    "Limits",
    "Line",
    "Memory",
    "Offer",
    "Page",
    "Pairing",
    "Parameter",
    "Place",
    "Places",
    "Progress",
    "Question",
    "Reacts",
    "Record",
    "Records",
    "Remark",
    "Services",
    "Shortcut",
    "Spent",
    "Streams",
    "Talk",
    "Waiting",
    "Workflow",
]
