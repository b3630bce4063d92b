"""Secrets do not leave; everything else does, to the letter.

All secrets here are made up, and put together from pieces so that nobody takes them for real ones.
In a template, ``⟦name⟧`` stands for such a secret, and for the marker in what must come of it.
"""

from __future__ import annotations

import random
import re
import string
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import bugguard
from bugguard.errors import JudgeError
from bugguard.judge.redacting.redact import LONG_LINE, MARKER, MOST_LINE, Redactor

ANY = st.text(st.characters(exclude_categories=[]))


def noise(length: int, alphabet: str = string.ascii_letters + string.digits, seed: int = 7) -> str:
    return "".join(random.Random(f"{seed}{length}{alphabet}").choices(alphabet, k=length))


HEX = "0123456789abcdef"
LOWER = string.ascii_lowercase + string.digits
UPPER = string.ascii_uppercase + string.digits

FAKE = {
    "weak": "hunter" + "42",
    "word": "correct" + "horse",
    "mixed": "x8Kq2Lm" + "Z9vTb",
    "signs": "P@ss" + "w0rd!x",
    "long": "k3J9xQ2mV7p" + "L5wR8tY1uZ4",
    "other": "q7Rt4Yw" + "2Hn9Bz",
    "aws id": "AK" + "IA" + "Q3EGVVBGDX5OB7TW",
    "aws": "wJalrXUtnFEMI/K7" + "MDENG/bPxRfi" + "CYzT8vQmPk4L",
    "github": "gh" + "p_" + noise(36),
    "gitlab": "gl" + "pat-" + noise(20),
    "slack": "xo" + "xb-" + "2831234567-" + noise(24),
    "openai": "s" + "k-proj-" + noise(48),
    "anthropic": "s" + "k-ant-api03-" + noise(90) + "AA",
    "google": "AI" + "za" + noise(35),
    "npm": "np" + "m_" + noise(36),
    "pypi": "py" + "pi-AgEIcHlwaS5vcmc" + noise(80),
    "stripe": "s" + "k_live_" + noise(24),
    "jwt": "ey" + "JhbGciOiJIUzI1NiJ9." + "ey" + "JzdWIiOiJib2IifQ." + noise(43),
    "hash": "$2" + "y$10$" + noise(53),
}


def plain(template: str) -> str:
    return re.sub("⟦(.*?)⟧", lambda found: FAKE[found[1]], template)


def marked(template: str) -> str:
    return re.sub("⟦(.*?)⟧", MARKER, template)


def base64_lines(lines: int, width: int = 64, last: int = 20) -> list[str]:
    alphabet = string.ascii_letters + string.digits + "+/"
    body = [noise(width, alphabet, seed) for seed in range(lines)]
    return [*body, noise(last, alphabet) + "=="]


def check(template: str) -> None:
    assert Redactor().redact(plain(template)) == marked(template)


# ---- by shape


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("aws id", "AWS Access Key"),
        ("github", "GitHub Token"),
        ("gitlab", "GitLab Token"),
        ("slack", "Slack Token"),
        ("openai", "OpenAI Token"),
        ("anthropic", "OpenAI Token"),
        ("google", "Google Token"),
        ("npm", "NPM tokens"),
        ("pypi", "PyPI Token"),
        ("stripe", "Service Token"),
        ("jwt", "JSON Web Token"),
        ("hash", "Hash of a Password"),
    ],
)
@pytest.mark.parametrize("around", ["send ⟦{}⟧ now", "+x('⟦{}⟧');", "-\t⟦{}⟧", "?a=⟦{}⟧&b=1"])
def test_a_token_is_known_by_its_shape(name: str, kind: str, around: str) -> None:
    redactor = Redactor()
    template = around.format(name)
    assert redactor.redact(plain(template)) == marked(template)
    assert redactor.counts == {kind: 1}


@pytest.mark.parametrize(
    "token",
    [
        "github" + "_pat_" + noise(70),
        "gh" + "s_" + noise(36),
        "gl" + "rt-" + noise(20),
        "GR13" + "48941" + noise(20),
        "xa" + "pp-1-A0123-456-" + noise(40, HEX),
        "ya" + "29." + noise(60),
        "GOC" + "SPX-" + noise(28),
        "hf" + "_" + noise(34, string.ascii_letters),
        "dop" + "_v1_" + noise(64, HEX),
        "hv" + "s." + noise(90),
        "shp" + "at_" + noise(32, HEX),
        "dck" + "r_pat_" + noise(27),
        "SG" + "." + noise(22) + "." + noise(43),
        "A" + "C" + noise(32, LOWER),
        "12345" + "67890:" + noise(35),
        "M" + "Tk4NjIyNDgzNDcxOTI1MjQ4" + ".Cl2FMQ." + noise(27),
        noise(32, HEX) + "-us" + "12",
        "AGE-SECRET" + "-KEY-1" + noise(58, UPPER),
        noise(3) + "8Q" + "~" + noise(34),
        "LS0tLS1" + "CRUdJTi" + noise(40),
        "$6" + "$saltsalt$" + noise(86),
    ],
)
def test_further_tokens_are_known_by_their_shape(token: str) -> None:
    assert Redactor().redact(f"send('{token}')") == f"send('{MARKER}')"


@pytest.mark.parametrize(
    "name",
    [
        "sk-folding-cube sk-circle-fade-dot-animation-long-name2",
        "ghp_ and glpat- are prefixes",
        "the AKIA prefix, AKIAIOSFODNN",
        "ghp_" + "x" * 36,
        "sk-proj1" + "x" * 24,
        "eyJ begins an object in base64",
        "hf_model_name_of_the_transformer_encoder = 'gpt2'",
        "s.aVeryLongNameOfSomeMethod()",
        "NavigationControllerTestUtils.create.something_long_enough_to_count",
        " APARTMENTS  APACHECONFIG ",
    ],
)
def test_what_only_begins_like_a_token_survives(name: str) -> None:
    check(name)


@pytest.mark.parametrize("quoted", ['f("{}")', "f('{}')"])
@pytest.mark.parametrize("value", [noise(40, HEX), noise(64, HEX), noise(28), noise(43) + "="])
def test_a_literal_that_is_random_is_hidden(quoted: str, value: str) -> None:
    assert Redactor().redact(quoted.format(value)) == quoted.format(MARKER)


def test_a_literal_within_a_literal_is_hidden_without_its_quotes() -> None:
    value = noise(24)
    shown = Redactor().redact(f'"{{\\"id\\": \\"{value}\\"}}"')
    assert shown == f'"{{\\"id\\": \\"{MARKER}\\"}}"'


def test_a_random_run_is_hidden_without_quotes() -> None:
    run = noise(44)
    assert Redactor().redact(f"+X-Thing: {run}\n+{run}") == f"+X-Thing: {MARKER}\n+{MARKER}"


def test_most_random_runs_are_hidden() -> None:
    runs = [noise(40, seed=seed) for seed in range(300)]
    left = sum(run in Redactor().redact(f"x {run} y") for run in runs)
    assert left < 25  # one in 30 or so looks like a name


# ---- by label

ASSIGNMENTS = r"""
password = "{}"
password='{}'
PASSWORD = '{}'
password: str = "{}"
dbPassword: '{}',
"password": "{}",
{{"user": "a", "password": "{}"}}
'{{"password": "{}"}}'
"{{\"password\": \"{}\"}}"
private static final String API_KEY = "{}";
const apiSecret = `{}`;
let secret: string = "{}";
val password: String = "{}"
let password: &str = "{}";
const SECRET: &'static str = "{}";
const apiKey string = "{}"
apiKey := "{}"
char password[] = "{}";
NSString *password = @"{}";
std::string password("{}");
$password = '{}';
define('DB_PASSWORD', '{}');
'password' => '{}',
:password => "{}"
config.password = "{}"
if password == "{}":
if ("{}" == password) {{
os.environ["DB_PASSWORD"] = "{}"
password = os.environ.get("X") or "{}"
SECRET_KEY = env("SECRET_KEY", default="{}")
process.env.SECRET || "{}"
DB_PASSWORD={}
export DB_PASSWORD={}
ENV DB_PASSWORD={}
ENV DB_PASSWORD {}
DB_PASSWORD=${{DB_PASSWORD:-{}}}
      - POSTGRES_PASSWORD={}
docker run -e MYSQL_ROOT_PASSWORD={} mysql
      POSTGRES_PASSWORD: {}
  password: {}
  apiKey: {} # prod
spring.datasource.password={}
db.password = {}
password = {}
mysql -u root -p{} db
mysql --password={} db
curl -u admin:{} https://example.com
headers = {{"Authorization": "Bearer a{}"}}
postgres://user:{}@db.example.com:5432/x
url = "amqp://user:{}@host/vhost"
redis://:{}@localhost:6379
jdbc:mysql://h/db?user=x&password={}
jdbc:oracle:thin:scott/{}@//host:1521/x
Server=db;Database=x;User Id=sa;Password={};
"Server=db;User Id=sa;Password={}"
"host=db user=app password={} dbname=x"
machine example.com login bob password {}
localhost:5432:app:admin:{}
<password>{}</password>
<add key="ApiKey" value="{}" />
<property name="password" value="{}"/>
https://api.example.com/v1?api_key={}&x=1
# password: {}
# パスワード: {}
// パスワード：{}
# パスワード＝{}
# パスワードは「{}」です
# 管理者パスワード: {}
# DBのパスワード = {}
/* 秘密鍵：{} */
# 密码: {}
{{"name": "DB_PASSWORD", "value": "{}"}}
CREATE USER bob IDENTIFIED BY '{}';
CREATE ROLE bob WITH PASSWORD '{}';
requirepass {}
sshpass -p '{}' ssh x
echo {} | docker login --password-stdin
//registry.npmjs.org/:_authToken={}
client_secret = "{}"
password=SecretStr("{}")
jwtKey := []byte("{}")
.setPassword("{}")
client.login(password="{}")
--token=1{}
PGPASSWORD={} psql -h x
$env:DB_PASSWORD = "{}"
contraseña = "{}"
""".strip("\n").split("\n")


LABELLED = [
    (form, name)
    for form in ASSIGNMENTS
    for name in ("weak", "word", "mixed", "signs", "long")
    # Tokens of those two forms are never made so.
    if not ("Bearer" in form and name == "signs") and not ("--token" in form and name == "word")
]


@pytest.mark.parametrize(("form", "name"), LABELLED)
def test_what_a_label_says_is_hidden(form: str, name: str) -> None:
    value = FAKE[name]
    for marker in ("", "+", "-"):
        shown = Redactor().redact(marker + form.format(value))
        assert value not in shown
        begin, end = form.replace("a{}", "{}").replace("1{}", "{}").format("\0").split("\0")
        assert shown in (f"{marker}{begin}{MARKER}{end}", f"{marker}{begin}a{MARKER}{end}")


VAGUE = r"""
os.getenv("DB_PASSWORD", "{}")
curl -H "Authorization: Bearer {}" https://x
curl -H 'X-Api-Key: {}' https://x
Authorization: Token {}
// password is "{}"
# the password is {}
# パスワードは {} です
# トークン: {}
token: {}
"--password", "{}"
password = decrypt("{}")
login(user, password={})
""".strip("\n").split("\n")


@pytest.mark.parametrize("form", VAGUE)
def test_where_a_label_is_vague_it_takes_a_value_that_is_no_word(form: str) -> None:
    shown = Redactor().redact(form.format(FAKE["mixed"]))
    assert shown == form.format(MARKER)
    if "Bearer" not in form and "Token" not in form and "トークン" not in form:
        assert Redactor().redact(form.format("reset")) == form.format("reset")


APART = [
    'variable "db_password" {{\n  type    = string\n  default = "{}"\n}}',
    "- name: DB_PASSWORD\n  value: {}\n",
    '- name: DB_PASSWORD\n  value: "{}"\n',
    '+        - name: API_KEY\n+          value: "{}"',
    'password = (\n    "{}"\n)',
    "password: >-\n  {}\n",
    "machine example.com\n  login bob\n  password {}\n",
    "+machine example.com\n+login bob\n+password {}\n",
]


@pytest.mark.parametrize("form", APART)
def test_a_label_may_stand_on_an_earlier_line(form: str) -> None:
    assert Redactor().redact(form.format(FAKE["mixed"])) == form.format(MARKER)


def test_labels_and_tokens_after_an_escaped_newline() -> None:
    check('x = "user=bob\\npassword=⟦mixed⟧\\nhost=y\\n⟦npm⟧\\n"')
    check("?next=a%3D⟦npm⟧%26b")
    check("see https://example.com/path/⟦npm⟧ and //⟦openai⟧")


def test_a_value_far_from_a_label_is_none_of_its() -> None:
    for text in (
        '- name: color\n  value: "orange2"',
        'variable "region" {\n  default = "eu-west-1"\n}',
        'x(name="DB_PASSWORD")\n' + "y()\n" * 8 + 'value = "orange2"',
        "- name: DB_PASSWORD\nassert value == 'orange42'",
        'Parameter(key="db_password")\nParameter(default="dummy_table")',
    ):
        check(text)


# ---- twins: code that has no secret

ORDINARY = r"""
password = None
password = ""
password = os.environ["X"]
password = os.getenv("DB_PASSWORD")
password = getpass()
password = getpass.getpass("Password: ")
password = input("Enter your password: ")
password = request.headers.get('X-Password')
self.password = password
self._password = user_password
password = other_variable
password = derive_key(password, salt)
def login(user: str, password: str = None) -> Token:
def connect(host, user="root", password=""):
login(user, password=get_password())
connect(host=host, user=user, password=config.password)
    password=settings.DB_PASSWORD,
    api_key=api_key,
if password == confirm_password:
if not password:
raise ValueError("password is required")
raise ValueError(f"bad password for {user}")
logger.info("password: %s", password)
print("Password: {}".format(password))
query = "password='" + password + "'"
f"postgres://{user}:{password}@{host}/{db}"
"postgres://%s:%s@%s/%s" % (user, password, host, db)
`postgres://${user}:${password}@${host}`
"postgres://" + user + ":" + password + "@" + host
https://example.com/path?x=1#frag
http://localhost:8080/api/v1/users/123
http://example.com:8080?email=a@b.com
git@github.com:owner/repo.git
ssh://git@github.com/owner/repo.git
import { useAuthToken } from '@/hooks/useAuthToken';
from django.contrib.auth.password_validation import validate_password
const [password, setPassword] = useState('');
<input type="password" name="password" placeholder="Enter your password" />
<string name="password">Password</string>
"password": "Passwort",
"forgotPassword": "Forgot your password?",
"password.required": "Password is required",
"password": "パスワード",
"passwordLabel": "パスワードを入力してください",
password: string;
password: string
password?: string | undefined;
password: z.string().min(8),
password: { type: String, required: true },
Password string `json:"password" yaml:"password"`
token := strings.TrimPrefix(header, "Bearer ")
token = tokens[i]
if token == "begin":
case Token.STRING:
Secret::from(&self.inner)
TOKEN_RE = re.compile(r"[a-z0-9_]+|[+*/-]")
tokenizer = AutoTokenizer.from_pretrained("bert-base-uncased")
PASSWORD_MIN_LENGTH = 8
TOKEN_URL = "https://login.example.com/oauth2/token"
SECRET_NAME = "prod/db/credentials"
secretName: my-app-tls
password_file = "/run/secrets/db_password"
POSTGRES_PASSWORD_FILE: /run/secrets/postgres-passwd
password: ${DB_PASSWORD}
password: ${{ secrets.DB_PASSWORD }}
password: {{ .Values.db.password }}
password = "${var.db_password}"
password = var.db_password
password: !vault |
clientSecret: env.AUTH_AZURE_AD_B2C_SECRET,
client_secret=client_secret&grant_type=client_credentials
login(user, password=password2)
login(user, password=load2secrets4me(user), retry=True)
printf("password=" PRIu64 "\n", id);
query = "password='"+entered+"'"
validate_password = "strict-mode"
show_password: "always"
token = "utf8mb4_bin"
dict = []byte("abcdefghijkmnpqrstuvwxyz23456789")
DB_PASSWORD=$DB_PASSWORD
DB_PASSWORD=$(cat /run/secrets/x)
PASSWORD=$1
DB_PASSWORD=
DB_PASSWORD=changeme
DB_PASSWORD=your-password-here
api_key: <your-api-key>
API_KEY="YOUR_API_KEY"
password: "********"
password = "xxxxxxxx"
password = "password"
RESET_PASSWORD = "reset_password"
FORGOT_PASSWORD: '/forgot-password',
X_AUTH_TOKEN_HEADER = "X-Auth-Token"
"registry-auth-token": "^4.0.0",
headers["Authorization"] = "Bearer " + token
headers["Authorization"] = f"Bearer {token}"
Authorization: Bearer <token>
-H "Authorization: Bearer $TOKEN"
WWW-Authenticate: Basic realm="x"
uses Basic authentication with the Bearer token scheme
primary_key = "user_id"
cache_key = "user:profile:v2"
key = "some-dictionary-key"
keyboard.press("ctrl+shift+k")
monkey = "banana split"
hash_password("hello")
const isPasswordValid = await bcrypt.compare(password, user.password);
parser.add_argument("--password", help="the password to use")
["username", "password", "email", "first_name"]
new TestingAuthenticationToken("somebody", "password", "ROLE_1")
run with --password PASSWORD or --token TOKEN
--password instead of a file
"hello world"
message = "Lorem ipsum dolor sit amet, consectetur"
ALPHABET = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+/"
HEX = "0123456789abcdef"
regex = r"^(?=.*[A-Z])(?=.*\d)[A-Za-z\d@$!%*?&]{8,}$"
passwordRegex = /^(?=.*[a-z])(?=.*\d).{8,}$/
getElementsByClassNameAndAttributeValueIgnoringCase(element)
com.example.project.service.impl.UserAuthenticationServiceImpl
src/main/java/com/example/project2/service/impl/UserServiceTest.java
"/assets/img2x/icons/arrow-left-v2.svg"
func TestProxyProtocolV1WithH2CMultipleRequests(t *testing.T) {
class TestS3CopyToTableWithMetaColumns(unittest.TestCase):
_ZN4llvm12DenseMapBaseINS_8DenseMapIPKNS_5ValueEjNS_12DenseMapInfoIS4_EE
index 83db48f..bf269f4 100644
@@ -10,7 +10,9 @@ def login(user, password):
550e8400-e29b-41d4-a716-446655440000
version = "1.2.3-beta4+build.567"
"sha256" "md5" "base64url" "utf8mb4_unicode_ci" "x86_64-unknown-linux-gnu"
DATE = "2024-01-15T12:34:56Z"
192.168.1.100:8080 and 8.8.8.8
// パスワードを検証する
# パスワード: 必須
# パスワード: 8文字以上の英数字
# パスワードは bcrypt でハッシュ化する
# トークンは access_token に入る
# パスワード：password
# the password is checked below
/* the secret is that there is none */
secrets.token_hex(16)
is_secret: bool = False
    pass  # nothing to do
PASS: test_login
compass = "north-east"
secretary = "Alice Johnson"
oauth2_scheme = OAuth2PasswordBearer(tokenUrl="token")
sessionStorage.setItem('token', response.data.token);
salt = os.urandom(16)
sig = signal.SIGTERM
auth: (req, res) => next(),
secret: process.env.JWT_SECRET!
SELECT password_hash FROM users WHERE token = ?
UPDATE users SET password = :password WHERE id = :id
password varchar(255) NOT NULL,
"type": "apiKey", "in": "header", "name": "X-API-Key"
void setPassword(String password) { this.password = password; }
char password[MAX_LEN];
if (strcmp(token, "quit") == 0)
std::string password = getPassword();
let token = next_token(&mut lexer)?;
grant_type=password&username={user}&password={password}
curl -u "$USER:$PASS" https://example.com
mysql -u root -p
mkdir -p some/dir
-----BEGIN CERTIFICATE-----
AbstractProvider.badCredentials=Ung\u00FCltige Anmeldedaten
""".strip("\n").split("\n")


@pytest.mark.parametrize("line", ORDINARY)
def test_ordinary_code_survives(line: str) -> None:
    for text in (line, f"+{line}", f"    # {line}\r"):
        redactor = Redactor()
        assert redactor.redact(text) == text
        assert not redactor.counts


def test_ordinary_code_survives_together() -> None:
    text = "\n".join(ORDINARY)
    assert Redactor().redact_all([text, text]) == [text, text]


def test_shas_in_messages_survive() -> None:
    check(f"fix {noise(40, HEX)}\n\nThis reverts commit {noise(40, HEX, 2)}.")


def test_the_package_s_own_sources_survive() -> None:
    package = Path(bugguard.__file__).parent
    for source in sorted(package.rglob("*.py")):
        text = source.read_text(encoding="utf-8")
        assert Redactor().redact(text) == text, source


# ---- private keys

KEY = base64_lines(6)
BEGIN, END = "-----BEGIN RSA PRI" + "VATE KEY-----", "-----END RSA PRI" + "VATE KEY-----"


def shown_key(text: str) -> tuple[str, int]:
    redactor = Redactor()
    return redactor.redact(text), redactor.counts["Private Key"]


@pytest.mark.parametrize("prefix", ["", "+", "-", " ", "    ", "+\t", "# ", "// ", '+  "', "+ * "])
@pytest.mark.parametrize("ends", ["both", "begin", "end", "none"])
def test_a_key_is_hidden_line_by_line(prefix: str, ends: str) -> None:
    suffix = '\\n" +' if '"' in prefix else ""
    begin = [BEGIN] if ends in ("both", "begin") else ["x = 1"]
    end = [END] if ends in ("both", "end") else ["y = 2"]
    lines = ["a()", *begin, *KEY, *end, "b()"]
    text = "\n".join(prefix + line + suffix for line in lines)
    shown, count = shown_key(text)
    body = [MARKER] * len(KEY)
    assert shown == "\n".join(
        prefix + line + suffix for line in ["a()", *begin, *body, *end, "b()"]
    )
    assert count == 1


@pytest.mark.parametrize(
    "kind", ["", "EC ", "DSA ", "OPENSSH ", "ENCRYPTED ", "PGP ", "SSH2 ENCRYPTED "]
)
def test_keys_of_all_kinds(kind: str) -> None:
    block = " BLOCK" if kind == "PGP " else ""
    text = "\n".join(
        [
            f"-----BEGIN {kind}PRI" + f"VATE KEY{block}-----",
            *KEY,
            f"-----END {kind}PRIVATE KEY-----",
        ]
    )
    shown, count = shown_key(text)
    assert not any(line in shown for line in KEY)
    assert count == 1


def test_headers_of_a_key_stay_and_its_lines_go() -> None:
    head = ["Proc-Type: 4,ENCRYPTED", "DEK-Info: DES-EDE3-CBC,0123456789ABCDEF", ""]
    shown, count = shown_key("\n".join([BEGIN, *head, *KEY, END]))
    assert shown == "\n".join([BEGIN, *head, *[MARKER] * len(KEY), END])
    assert count == 1


def test_a_key_of_putty() -> None:
    top = ["PuTTY-User-Key-" + "File-2: ssh-rsa", "Encryption: none", "Public-Lines: 3"]
    public, private = base64_lines(2), base64_lines(4)
    shown, _ = shown_key("\n".join([*top, *public, "Private-Lines: 5", *private, "Private-MAC: 1"]))
    assert not any(line in shown for line in private)
    assert "Private-Lines: 5" in shown


def test_a_key_in_one_line() -> None:
    body = "\\n".join(KEY)
    shown, count = shown_key(f'x = "{BEGIN}\\n{body}\\n{END}\\n"; y = 1')
    assert shown == f'x = "{BEGIN}\\n{MARKER}\\n{END}\\n"; y = 1'
    assert count == 1
    shown, _ = shown_key(f'x = "{BEGIN}\\n{body}')
    assert not any(line in shown for line in KEY)
    assert shown.startswith(f'x = "{BEGIN}\\n{MARKER}')


@pytest.mark.parametrize("width", [24, 48, 70, 76])
def test_keys_of_other_widths(width: int) -> None:
    key = base64_lines(3, width, 10)
    key[1] = "A" * width  # as OpenSSH has it
    for ends in (
        [BEGIN, *key, END],
        [BEGIN, *key],
        [BEGIN, *key[:2]],
        [*key, END],
        [*key[1:], END],
    ):
        shown, _ = shown_key("\n".join(ends))
        assert not any(line in shown for line in key)


def test_the_last_line_of_a_key_is_hidden_by_itself() -> None:
    assert shown_key(f"x = 1\n Qz8/Kd2==\n {END}") == (f"x = 1\n {MARKER}\n {END}", 1)


def test_code_after_the_last_line_of_a_key_survives() -> None:
    code = "aVeryLongNameOfAMethodThatStandsAlone"
    assert shown_key(f"{BEGIN}\n{KEY[0]}\nQz8/Kd2==\n{code}")[0].endswith(f"{MARKER}\n{code}")


def test_code_after_a_key_that_was_cut_off_survives() -> None:
    lines = [BEGIN, *KEY[:3], "@@ -1 +1 @@", "return", "unaVariableWithAVeryLongName", "}"]
    shown, _ = shown_key("\n".join(lines))
    assert shown == "\n".join([BEGIN, *[MARKER] * 3, *lines[4:]])


def test_code_that_speaks_of_keys_survives() -> None:
    check(f'if "{BEGIN}" in text:')
    text = f'def is_key(text):\n    begin = "{BEGIN}"\n    return begin in text\nelse\nfoo\n"{END}"'
    assert shown_key(text) == (text, 0)


# ---- whole diffs

# "·" is a blank at the end of a line, and "→" a tab.
DIFFS = {
    "python": """\
diff --git a/app/db.py b/app/db.py
index 83db48f..bf269f4 100644
--- a/app/db.py
+++ b/app/db.py
@@ -1,9 +1,12 @@ class Database:
     \"\"\"A connection to the database.\"\"\"
·
     def connect(self, user: str, password: str | None = None) -> Connection:
-        password = password or "⟦word⟧"
-        return connect("postgres://app:⟦signs⟧@db.internal:5432/shop")
+        password = password or os.environ["DB_PASSWORD"]
+        # until June: the old one was ⟦signs⟧
+        return connect(f"postgres://{user}:{password}@{HOST}/shop")
·
     def token(self) -> str:
+        headers = {"Authorization": "Bearer ⟦jwt⟧"}
         return self.tokens[-1]
""",
    "typescript": """\
@@ -3,7 +3,8 @@ export class Client {
   constructor(private readonly http: HttpClient) {}
-  private readonly apiKey = '⟦google⟧';
+  private readonly apiKey: string = process.env.API_KEY ?? '⟦mixed⟧';
+  readonly passwordLabel = 'Enter your password';
   login(user: string, password: string): Promise<Token> {
     return this.http.post('/login', { user, password });
   }
""",
    "java": """\
@@ -12,6 +12,9 @@ public final class Mailer {
-    private static final String PASSWORD = "⟦weak⟧";
+    private final String password;
+    Mailer(Properties p) { this.password = p.getProperty("mail.password", "⟦mixed⟧"); }
+    // GitHub: ⟦github⟧
     Session open() { return Session.getInstance(props, new Login(user, password)); }
""",
    "go": """\
@@ -5,4 +5,6 @@ func New() *Server {
 →cfg := Config{Addr: ":8080", Secret: "⟦mixed⟧"}
-→token := os.Getenv("TOKEN")
+→token := "⟦gitlab⟧"
+→if secret == "" {
+→→return nil, errors.New("secret is empty")
 →}
""",
    "yaml": """\
@@ -1,8 +1,9 @@
 services:
   db:
     image: postgres:16.1-alpine3.19
     environment:
-      POSTGRES_PASSWORD: ⟦word⟧
+      POSTGRES_PASSWORD: ⟦long⟧
+      POSTGRES_USER: shop
+      POSTGRES_PASSWORD_FILE: /run/secrets/db
     healthcheck: { test: ["CMD", "pg_isready"] }
""",
    "env": """\
+# データベースのパスワード：⟦weak⟧
+DB_HOST=db.internal
+DB_PASSWORD=⟦weak⟧
+STRIPE_KEY=⟦stripe⟧
 AWS_REGION=eu-west-1
-AWS_ACCESS_KEY_ID=⟦aws id⟧
-AWS_SECRET_ACCESS_KEY=⟦aws⟧
+AWS_SECRET_ACCESS_KEY=
""",
    "terraform": """\
 resource "aws_db_instance" "main" {
   engine   = "postgres"
   username = "shop"
-  password = "⟦signs⟧"
+  password = var.db_password
 }
+variable "db_password" {
+  description = "The password of the database"
+  type        = string
+  default     = "⟦mixed⟧"
+}
""",
    "shell": """\
 #!/bin/sh
 set -eu
-curl -u deploy:⟦weak⟧ "https://repo.example.com/upload?name=$1"
+curl -u "$USER:$TOKEN" "https://repo.example.com/upload?name=$1"
+export API_TOKEN=⟦mixed⟧
+mysqldump -u root -p⟦other⟧ shop > "$dir/shop.sql"
 echo "password: $PASSWORD"
""",
    "json": """\
 {
   "name": "shop",
   "version": "1.2.3",
-  "apiKey": "⟦openai⟧",
+  "apiKey": "",
+  "smtp": {"host": "mail.internal", "password": "⟦weak⟧"},
+  "labels": {"password": "Password", "token": "Token"},
   "url": "https://example.com/a?b=c"
 }
""",
    "ruby": """\
 Rails.application.configure do
-  config.secret_key_base = '⟦long⟧'
+  config.secret_key_base = ENV.fetch("SECRET_KEY_BASE")
+  config.redis = { url: "redis://:⟦mixed⟧@cache:6379/0", password: ENV["REDIS_PASSWORD"] }
 end
""",
    "c#": """\
-    "Server=db;Database=Shop;User Id=sa;Password=⟦signs⟧;Encrypt=true"
+    "Server=db;Database=Shop;Integrated Security=true"
     public string Password { get; set; } = "";
""",
    "japanese": """\
 # 接続の設定。パスワードは環境変数から読む。
-# テスト用パスワード: ⟦weak⟧ （消すこと）
-# 管理者のパスワードは「⟦word⟧」です
+# APIキー：⟦mixed⟧
+# パスワードの確認に失敗したら例外を投げる
+# トークンは access_token に入る
 def 接続(パスワード: str) -> None:
""",
}


@pytest.mark.parametrize("name", DIFFS)
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_a_diff_loses_its_secrets_and_nothing_else(name: str, newline: str) -> None:
    check(DIFFS[name].replace("·", " ").replace("→", "\t").replace("\n", newline))


def test_all_diffs_together_lose_the_same() -> None:
    shown = Redactor().redact_all([plain(template) for template in DIFFS.values()])
    for text, template in zip(shown, DIFFS.values(), strict=True):
        assert text.count("\n") == template.count("\n")
        assert not any(fake in text for fake in FAKE.values())


# ---- everywhere


def test_a_secret_is_hidden_wherever_it_stands() -> None:
    check('f("⟦mixed⟧")\n-password = "⟦mixed⟧"\n+# formerly ⟦mixed⟧.\nx⟦mixed⟧y')


def test_a_secret_is_hidden_in_later_texts() -> None:
    redactor = Redactor()
    later = plain("the log says ⟦signs⟧")
    assert redactor.redact(later) == later
    redactor.redact(plain('password = "⟦signs⟧"'))
    assert redactor.redact(later) == marked("the log says ⟦signs⟧")
    assert Redactor().redact(later) == later


def test_a_secret_is_hidden_in_texts_before_the_one_that_tells() -> None:
    templates = ["log ⟦mixed⟧", "", 'password = "⟦mixed⟧"', "⟦mixed⟧\n"]
    redactor = Redactor()
    shown = redactor.redact_all([plain(template) for template in templates])
    assert shown == [marked(template) for template in templates]
    assert redactor.counts == {"Secret Keyword": 3}


def test_a_secret_is_hidden_in_the_form_of_links_too() -> None:
    secret = "q7#Rt4" + "@Yw2H"
    shown = Redactor().redact(f'password = "{secret}"\nhttp://x/?p=q7%23Rt4' + "%40Yw2H&y")
    assert shown == f'password = "{MARKER}"\nhttp://x/?p={MARKER}&y'


def test_the_lines_of_a_key_are_hidden_elsewhere() -> None:
    shown = Redactor().redact_all([f"f({KEY[2]})", "\n".join([BEGIN, *KEY, END])])
    assert shown[0] == f"f({MARKER})"


@pytest.mark.parametrize(
    ("secret", "elsewhere"),
    [
        ("tiger", "tiger(tigers) 'tiger'"),  # too short
        ("a1b2", "a1b2c3"),
        ("settings", "app.settings.get(settings) # settings"),  # a word
        ("blue-green", "blue-green.name = blue-green"),
        ("123456", "x = 1234567 + 0x123456f"),
    ],
)
def test_a_secret_that_is_short_or_a_word_does_not_shred_code(secret: str, elsewhere: str) -> None:
    shown = Redactor().redact(f'password = "{secret}"\n{elsewhere}')
    assert shown == f'password = "{MARKER}"\n{elsewhere}'


def test_a_secret_that_is_a_word_is_hidden_where_it_is_a_literal() -> None:
    shown = Redactor().redact('password = "postgres"\nlogin("postgres", \'postgres\', postgres)')
    assert shown == f'password = "{MARKER}"\nlogin("{MARKER}", \'{MARKER}\', postgres)'


def test_the_marker_tells_nothing() -> None:
    shown = {Redactor().redact(f'password = "{noise(length)}"') for length in (9, 12, 40, 200)}
    assert shown == {f'password = "{MARKER}"'}


def test_a_secret_like_the_marker_makes_no_marker_of_markers() -> None:
    for secret in ("redacted", MARKER, "redact", "x[redacted", "acted]"):
        shown = Redactor().redact(f'password = "{secret}"\npassword = "{secret}2" {secret}')
        assert Redactor().redact(shown) == shown
        assert "[[" not in shown


def test_what_was_taken_out_is_counted_by_kind() -> None:
    redactor = Redactor()
    redactor.redact(plain('a("⟦github⟧")\npassword = "⟦mixed⟧" or "⟦mixed⟧"'))
    assert redactor.counts == {"GitHub Token": 1, "Secret Keyword": 2}
    redactor.redact(plain("⟦mixed⟧"))
    assert redactor.counts == {"GitHub Token": 1, "Secret Keyword": 3}


# ---- nobody can switch it off


@pytest.mark.parametrize(
    "comment",
    [
        "# pragma: allowlist secret",
        "// pragma: allowlist secret",
        "# pragma: whitelist-secret",
        "/* pragma: allowlist nextline secret */",
        "# noqa  # nosec  # gitleaks:allow",
    ],
)
def test_no_comment_allows_a_secret(comment: str) -> None:
    check(f'{comment}\npassword = "⟦mixed⟧"  {comment}\n+x = "⟦github⟧"  {comment}\n')


def test_no_settings_of_detect_secrets_matter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from detect_secrets.settings import get_settings, transient_settings

    (tmp_path / ".secrets.baseline").write_text('{"plugins_used": [], "filters_used": []}')
    monkeypatch.chdir(tmp_path)
    with transient_settings({"plugins_used": [], "filters_used": []}):
        check('x = "⟦aws id⟧"')
        before = get_settings().json()
        check('password = "⟦mixed⟧"')
        assert get_settings().json() == before


def test_nothing_is_verified_over_a_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("no network")

    monkeypatch.setattr("socket.socket.connect", refuse)
    monkeypatch.setattr("socket.getaddrinfo", refuse)
    for name in FAKE:
        Redactor().redact(plain(f'x = "⟦{name}⟧"'))


def test_detect_secrets_is_loaded_by_the_first_text() -> None:
    program = (
        "import sys\n"
        "from bugguard.judge.redacting.redact import Redactor\n"
        "redactor = Redactor()\n"
        "loaded = {'detect_secrets', 'requests', 'pydantic'} & set(sys.modules)\n"
        "assert not loaded, loaded\n"
        "redactor.redact('x')\n"
        "assert 'detect_secrets' in sys.modules\n"
        "assert 'openai' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True)


def test_without_detect_secrets_nothing_leaves(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "detect_secrets.plugins.aws", None)
    with pytest.raises(JudgeError, match=r"AWSKeyDetector .* pip install 'bugguard\[judge\]'"):
        Redactor().redact("x")


# ---- any text

PIECES = [
    *("password", "PASSWORD=", "token", "secret", "key", "=", ":", " ", '"', "'", "`", "\\", "\n"),
    *("://", "@", "{", "}", "(", ")", "<", ">", "+", "-", "//", "#", "is ", " or ", "name: ", "1"),
    *("\r", "\x0b", "\u2028", "\ud800", "\x00", "\t", "é", "パスワード", "は", "：", "%40", "%0A"),
    *(MARKER, "[redact", "acted]", BEGIN, END, KEY[0], "eyJ", "curl -u ", "value", "default"),
    *FAKE.values(),
]
MIXED = st.lists(st.sampled_from(PIECES) | ANY, max_size=40).map("".join)


@settings(deadline=None)
@given(MIXED)
@example("\ud800password=\udc80\x00abcdef1\r\n")
@example(plain("password = \"⟦mixed⟧PASSWORD='⟦github⟧Bearer ."))  # the token goes first
def test_redacting_again_changes_nothing(text: str) -> None:
    redactor = Redactor()
    shown = redactor.redact(text)
    counted = redactor.counts.copy()
    assert redactor.redact(shown) == shown
    assert redactor.counts == counted
    assert Redactor().redact(shown) == shown


@settings(deadline=None)
@given(MIXED)
@example("IDENTIFIED BY 'ab1cdef2gh9\x0bef2gh\rij'")
def test_lines_and_what_ends_them_stay(text: str) -> None:
    ends = "[\n\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]"
    shown = Redactor().redact(text)
    assert re.findall(ends, shown) == re.findall(ends, text)
    pairs = zip(re.split(ends, text), re.split(ends, shown), strict=True)
    for before, after in pairs:
        kept = [re.escape(part) for part in after.split(MARKER)]
        assert re.fullmatch(".+".join(kept), before, re.DOTALL) or MARKER in before


@settings(deadline=None)
@given(MIXED, MIXED, st.sampled_from(["github", "gitlab", "npm", "stripe", "aws id"]))
def test_a_token_never_survives(before: str, after: str, name: str) -> None:
    text = f"{before} {FAKE[name]} {after}"
    assert FAKE[name] not in Redactor().redact(text)


@settings(deadline=None)
@given(st.lists(MIXED, max_size=5))
def test_texts_together_lose_no_less_than_alone(texts: list[str]) -> None:
    together = Redactor().redact_all(texts)
    assert len(together) == len(texts)
    assert Redactor().redact_all(together) == together
    for text, shown in zip(texts, together, strict=True):
        alone = Redactor().redact(text)
        assert all(fake not in shown for fake in FAKE.values() if fake not in alone)


@given(st.binary())
def test_bytes_that_are_no_text_survive(data: bytes) -> None:
    text = "x = 1 # " + data.decode("utf-8", "surrogateescape")
    if MARKER not in Redactor().redact(text):
        assert Redactor().redact(text) == text


# ---- time


def test_a_line_that_is_too_long_is_hidden_whole() -> None:
    redactor = Redactor()
    start = time.perf_counter()
    shown = redactor.redact("a = 1\n+\tx = '" + "ab1 " * 500_000 + "'\nb = 2")
    assert time.perf_counter() - start < 10
    assert shown == f"a = 1\n+\t{MARKER}\nb = 2"
    assert redactor.counts == {LONG_LINE: 1}


def test_a_line_that_is_just_short_enough_is_looked_at() -> None:
    line = ("word " * MOST_LINE)[:MOST_LINE]
    assert Redactor().redact(line) == line
    assert Redactor().redact(line + "x") == MARKER
    end = f" password = '{FAKE['mixed']}'"
    assert Redactor().redact(line[: -len(end)] + end) == line[: -len(end)] + marked(
        " password = '⟦mixed⟧'"
    )


@pytest.mark.parametrize(
    "piece",
    [
        *(
            " ",
            "\t",
            '"',
            "'",
            "\\",
            "/",
            "=",
            "-",
            "+",
            "_",
            ".",
            ":",
            "(",
            "{",
            "<",
            "$",
            "a",
            "9",
        ),
        *("key ", "key  ", "cl_key ", "key=", "eyJ", "eyJa.", "://", "://a:", "://a:b@", "//x/:"),
        *("password", "password=", "password: ", 'password = "', '"password": "', "password or '"),
        *("aws key ", "sk-", "SG.", "xoxa-1-", "glagent-", "AP1a", "MNO", "mysql -p", "curl -u a:"),
        *(
            "login -p ",
            "machine a ",
            "Bearer ",
            "authorization: ",
            "パスワード:",
            "${A",
            "#{",
            "%(",
        ),
        *("key" + " " * MOST_LINE, "cl_key" + " " * 50, "-----", "\x00", "é", "\ud800"),
        *(BEGIN, END, "aA1", "name: password ", "value: ", "a->", "secretKey", '"aa" == password '),
    ],
)
def test_hostile_lines_take_no_time_to_speak_of(piece: str) -> None:
    line = (piece * MOST_LINE)[:MOST_LINE]
    text = "\n".join([line] * 10)
    start = time.perf_counter()
    Redactor().redact(text)
    # One second is what the slowest took at most; expressions of detect-secrets alone need minutes.
    assert time.perf_counter() - start < 20


@pytest.mark.parametrize("piece", [f"{BEGIN}\n", f"{END}\n", f"{KEY[0]}\n", "name: password\n"])
def test_time_grows_with_the_lines_and_no_faster(piece: str) -> None:
    def seconds(work: Callable[[str], str], text: str) -> float:
        start = time.perf_counter()
        work(text)
        return time.perf_counter() - start

    Redactor().redact(piece)
    few = min(seconds(Redactor().redact, piece * 300) for _ in range(3))
    # Ten times the lines: quadratic work would take a hundred times as long.
    assert seconds(Redactor().redact, piece * 3000) < 40 * few + 0.1
