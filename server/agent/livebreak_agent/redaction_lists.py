"""What is secret by its name, its type or its form.

The names are those that the `posthog` SDK masks (`DEFAULT_CODE_VARIABLES_MASK_PATTERNS`) and those that Datadog's Dynamic
Instrumentation redacts (`REDACTED_IDENTIFIERS` of ddtrace), but for a few that only identify something (see `EXACT`), and
more that mean the same. The forms are those of well-known services' keys, as secret scanners know them.
"""

from __future__ import annotations

PARTS = (
    "password", "passwd", "passphrase", "passcode", "secret", "apikey", "privatekey", "accesskey", "signingkey", "encryptionkey",
    "credential", "authorization", "authheader", "authtoken", "accesstoken", "refreshtoken", "idtoken", "bearer", "csrf", "xsrf",
    "sessionid", "sessionkey", "setcookie", "creditcard", "cardnumber", "accountnumber", "routingnumber", "socialsecurity",
    "connectionstring", "connstr", "dburl", "databaseurl", "mnemonic", "otpcode", "pincode", "sshkey", "gpgkey", "pgpkey",
    "licensekey", "masterkey", "passhash", "pemfile", "phpsessid", "securityanswer", "securitycode", "securityquestion", "oauth",
    "usersession", "xforwardedfor", "xrealip", "ipaddress", "geolocation",
)  # fmt: skip
"""Telling wherever they stand in a name that is written in lower case without `_`, `-` and the like."""

WORDS = frozenset(
    {
        "pwd",
        "pass",
        "token",
        "tokens",
        "cookie",
        "cookies",
        "jwt",
        "cvv",
        "cvc",
        "ssn",
        "iban",
        "otp",
        "pin",
        "salt",
        "sid",
        "dsn",
        "auth",
        "jti",
        "nonce",
        "signature",
        "cipher",
    }
)
"""Telling as whole words of a name alone: `pin` in `pin_code` is, in `shipping` it is not."""

EXACT = frozenset(
    {
        "2fa", "aiohttpsession", "appkey", "applicationkey", "ccnumber", "certificatepin", "connectsid", "encryptionkeyid",
        "mysqlpwd", "pkcs8", "recaptchakey", "symfony", "voterid",
    }
)  # fmt: skip
"""Telling as the whole name alone. Of Datadog's list `session`, `clientid`, `publickey` and `transactionid` are left out: they
open nothing, and a transaction is what somebody looks for; what is secret in a session has a name of its own."""

TYPE_PARTS = ("password", "secret", "credential", "privatekey")
"""Telling in the name of a class, such as pydantic's `SecretStr`."""

FORMS = (
    r"[A-Za-z][A-Za-z0-9+.-]{0,30}://[^/@\s:]*:(?P<url>[^/@\s]+)@",  # user and password in a URL
    r"\b(?:[Bb]earer|[Bb]asic)\s+(?P<header>[A-Za-z0-9._~+/-]{8,}=*)",  # an Authorization header
    r"\bsk-[A-Za-z0-9_-]{20,}",  # OpenAI, Anthropic
    r"\b[spr]k_(?:live|test)_[A-Za-z0-9]{16,}",  # Stripe
    r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b",  # AWS
    r"\bAIza[A-Za-z0-9_-]{35}",  # Google
    r"\bya29\.[A-Za-z0-9_-]{20,}",
    r"\bgh[pousr]_[A-Za-z0-9]{36}",  # GitHub
    r"\bgithub_pat_[A-Za-z0-9_]{20,}",
    r"\bglpat-[A-Za-z0-9_-]{20}",  # GitLab
    r"\bxox[abeoprs]-[A-Za-z0-9-]{10,}",  # Slack
    r"\bSG\.[A-Za-z0-9_-]{22}\.[A-Za-z0-9_-]{43}",  # SendGrid
    r"\bnpm_[A-Za-z0-9]{36}",
    r"\bpypi-AgEI[A-Za-z0-9_-]{50,}",
    r"\bph[sx]_[A-Za-z0-9]{16,}",  # PostHog, and ourselves
    r"\beyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{6,}",  # a JSON Web Token
    r"-----BEGIN [A-Z ]*PRIVATE KEY-----[^-]*(?:-----END [A-Z ]*PRIVATE KEY-----)?",
)
"""Texts that are secret wherever they stand. Each begins with few characters, so that looking for all of
them takes some 10 ns a character."""
