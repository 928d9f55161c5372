"""The icons: 16 px, 1.5 px lines, always beside a word or on a button with a name."""

from __future__ import annotations

from typing import Final

ICONS: Final = {
    "accuracy": '<circle cx="8" cy="8" r="6"/><path d="M8 2v3M8 11v3M2 8h3M11 8h3"/>',
    "actions": '<circle cx="8" cy="8" r="6"/><path d="m5.2 8.2 2 2 3.6-4.2"/>',
    "alert": '<path d="M8 2 1.5 13.5h13z"/><path d="M8 6.5v3M8 11.6v.1"/>',
    "check_in_week": '<path d="M2.5 3h11v8h-6L4 14v-3H2.5z"/><path d="m5.5 7 1.8 1.8L10.8 5.3"/>',
    "check": '<path d="m3 8.5 3.5 3.5L13 4.5"/>',
    "close": '<path d="m4 4 8 8M12 4l-8 8"/>',
    "deliverables": '<path d="M5 2.5 8.5 6 5 9.5 1.5 6z"/><path d="M10.5 5h4M9 9h5.5M4 13h10.5"/>',
    "digest": '<rect x="2" y="3" width="12" height="10" rx="2"/><path d="m2.5 5 5.5 4 5.5-4"/>',
    "down": '<path d="m4.5 6.5 3.5 3.5 3.5-3.5"/>',
    "eye": '<path d="M1.5 8S4 3.5 8 3.5 14.5 8 14.5 8 12 12.5 8 12.5 1.5 8 1.5 8z"/><circle cx="8" cy="8" r="2"/>',
    "filter": '<path d="M2.5 4h11M4.5 8h7M6.5 12h3"/>',
    "goals": '<circle cx="8" cy="8" r="6"/><circle cx="8" cy="8" r="2.2"/>',
    "learning": '<path d="M6.2 2v4.2L2.9 12a1.4 1.4 0 0 0 1.2 2h7.8a1.4 1.4 0 0 0 1.2-2L9.8 6.2V2M5 2h6M4.6 10h6.8"/>',
    "leave": '<path d="M6.5 14h-3a1 1 0 0 1-1-1V3a1 1 0 0 1 1-1h3M10.5 11l3-3-3-3M13.5 8h-7"/>',
    "lock": '<rect x="3" y="7" width="10" height="7" rx="2"/><path d="M5 7V5a3 3 0 0 1 6 0v2"/>',
    "me": '<circle cx="8" cy="5.2" r="2.7"/><path d="M2.8 14c.4-3 2.5-4.4 5.2-4.4s4.8 1.4 5.2 4.4"/>',
    "menu": '<path d="M2 4.5h12M2 8h12M2 11.5h12"/>',
    "overview": '<path d="M2 13.5 6 8l3 2.5 5-7"/><path d="M14 7.5v-4h-4"/>',
    "plus": '<path d="M8 3v10M3 8h10"/>',
    "print": (
        '<path d="M4.5 6V2h7v4M4.5 12H3a1 1 0 0 1-1-1V7a1 1 0 0 1 1-1h10a1 1 0 0 1 1 1v4a1 1 0 0 1-1 1h-1.5"/>'
        '<path d="M4.5 9.5h7V14h-7z"/>'
    ),
    "refresh": '<path d="M13.5 8A5.5 5.5 0 1 1 11.9 4.1L13.5 5.7"/><path d="M13.5 2.5v3.2h-3.2"/>',
    "right": '<path d="m6.5 4.5 3.5 3.5-3.5 3.5"/>',
    "risks": '<path d="M8 1.8 13.5 4v4c0 3.2-2.3 5.3-5.5 6.3C4.8 13.3 2.5 11.2 2.5 8V4z"/><path d="M8 5v3.4M8 10.8v.1"/>',
    "roadmap": '<path d="M2 4h6M5 8h7M8 12h6"/>',
    "search": '<circle cx="7" cy="7" r="4.5"/><path d="m10.5 10.5 3 3"/>',
    "sources": (
        '<ellipse cx="8" cy="4" rx="5.5" ry="2.2"/>'
        '<path d="M2.5 4v8c0 1.2 2.5 2.2 5.5 2.2s5.5-1 5.5-2.2V4M2.5 8c0 1.2 2.5 2.2 5.5 2.2s5.5-1 5.5-2.2"/>'
    ),
    "theme": (
        '<circle cx="8" cy="8" r="5.5"/><path d="M8 2.5v11a5.5 5.5 0 0 0 0-11z" fill="currentColor" stroke="none"/>'
    ),
}
