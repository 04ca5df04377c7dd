"""PINs and words that are tried first. Patterns (repeats, runs, mirrors) are rules and need no list."""

_DIGITS = """
    123654 321654 456123 654123 789456 456789 789123 987456 147258 258147 258369 369258 147369 741852
    852741 963852 852963 159753 753159 159357 357159 951753 753951 147852 852147 147896 896147 741963
    963741 852456 456852 142536 415263 246810 135790 135791 102030 101112 121314 131415 111213 100200
    200100 102938 112358 314159 141592 271828 161803 141421 201314 520131 521314 147147 110120 119120
    911911 112911 007008 100001 123450 012346 123457 124578 134679 246800 133700 420690 694200 800815
    101020 202122 010203 020304 123321 789987 520520 168168 888168 145236
    """
PINS = frozenset(_DIGITS.split())

PASSWORD_WORDS = (
    "administrator", "changeme", "changethis", "iloveyou", "football", "baseball", "princess", "sunshine",
    "password", "passwort", "motdepasse", "contrasena", "kennwort", "sandi", "katasandi", "superman",
    "trustno", "letmein", "welcome", "willkommen", "monkey", "dragon", "master", "shadow", "qwertyuiop",
    "qwertzuiop", "qwerty", "qwertz", "azerty", "asdfghjkl", "asdfgh", "zxcvbnm", "secret", "geheim",
    "rahasia", "default", "summer", "winter", "spring", "autumn", "january", "february", "march", "april",
    "june", "july", "august", "september", "october", "november", "december", "monday", "friday", "factory",
    "production", "operator", "inspector", "supervisor", "quality", "manager", "control", "company",
    "tablet", "login", "access", "hello", "admin", "user", "test", "guest", "demo", "abc", "qc",
)  # fmt: skip
