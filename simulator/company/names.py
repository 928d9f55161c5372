"""Names for demo people, and where they live."""

from __future__ import annotations


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


FIRST = _words(
    "Aisha Amara Ana Anders Anjali Arjun Astrid Beatriz Benedikt Bogdan Camille Carlos Chiara Chidi Daniel Deepa "
    "Diego Ebba Elena Emeka Emma Farah Fatima Felix Femi Freya Gabriel Giulia Hana Hanna Haruto Hugo Imani Ines "
    "Ingrid Isaac Ivana Jakub Jamal Joana Jonas Julia Kavya Kenji Khalid Lars Laura Leila Lena Linh Luca Lucia "
    "Magda Malik Marco Maria Mateus Maya Mehmet Mei Mia Miguel Milan Minh Mira Nadia Naomi Nikhil Nils Noor Noah "
    "Olga Omar Oskar Paolo Petra Pilar Priya Rafael Rahul Rania Rohan Rosa Ruth Samir Sana Sara Selin Shreya Sofia "
    "Stefan Sven Tariq Teresa Thandi Thomas Tomasz Uma Valentin Vera Vikram Wei Yara Yusuf Zeynep Zofia"
)

LAST = _words(
    "Abara Achterberg Adeyemi Agarwal Almeida Andersson Aoki Arslan Bakker Banerjee Barros Becker Bergström Bianchi "
    "Borges Brandt Campos Castillo Chandra Chen Conti Costa Demir Desai Diallo Dubois Eriksen Farouk Ferrari Fischer "
    "Fontaine Fujita García Ghosh Gomes Gupta Haddad Hansen Hoffmann Horváth Hughes Ibrahim Iyer Jansen Jensen "
    "Johansson Kamau Kapoor Kaya Keller Khan Kowalski Krause Kumar Laurent Lindqvist Lopes Mancini Martins Mbeki "
    "Mehta Meyer Moreau Mukherjee Murphy Mwangi Nair Nakamura Navarro Nguyen Novak Nowak Okafor Oliveira Osei Park "
    "Patel Pereira Petrov Pham Popescu Ramos Rao Reddy Ricci Romero Rossi Saito Santos Schmidt Sharma Silva Singh "
    "Sokolov Sørensen Tanaka Teixeira Torres Tran Vargas Vasquez Verma Vogel Wagner Walsh Weber Wójcik Yılmaz Zhang"
)

# A team's people live where its working day overlaps: the home zone mostly, a neighbour sometimes.
NEIGHBOURS = {
    "Europe/Berlin": ("Europe/Berlin", "Europe/Berlin", "Europe/Berlin", "Europe/Warsaw", "Europe/Lisbon"),
    "Europe/London": ("Europe/London", "Europe/London", "Europe/Lisbon", "Europe/Berlin"),
    "Europe/Lisbon": ("Europe/Lisbon", "Europe/Lisbon", "Europe/London", "Europe/Madrid"),
    "Asia/Kolkata": ("Asia/Kolkata",),
    "America/New_York": ("America/New_York", "America/New_York", "America/Toronto", "America/Sao_Paulo"),
}
ZONES = tuple(NEIGHBOURS)

_PLAIN = str.maketrans({"á": "a", "ã": "a", "ä": "a", "í": "i", "ó": "o", "ö": "o", "ø": "o", "ü": "u", "ı": "i"})


def mailbox(name: str) -> str:
    """``first.last`` in plain letters."""
    return ".".join(name.lower().translate(_PLAIN).split())
