//! Programs that we did not write, unchanged, as judges: SDKs of the sandbox (`tests/sdk/`), others
//! of figures and plans (`tests/truth/`).
//!
//! Each judge is a folder with the packages' exact versions and a script that drives them. This
//! module installs the packages under `target/sdk/` or `target/truth/`, starts a sandbox of the
//! built program with all its doors for those who judge it, runs the script and counts its lines
//! `PASS …` and `FAIL …`. What a machine lacks (Python, Node, the packages) leaves the judge out, by
//! name.

use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use crate::parts::{Counts, Outcome, is_there};
use crate::{Error, cargo, project};

/// A script that says nothing for so long has hung.
const SILENCE: Duration = Duration::from_secs(120);
/// When the sandbox's clock starts: 10:00 on a Monday.
const START: &str = "2026-03-02T10:00:00+08:00";
/// What may lead a script elsewhere than to the sandbox.
const SWAYING: [&str; 14] = [
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "ALL_PROXY",
    "NO_PROXY",
    "http_proxy",
    "https_proxy",
    "all_proxy",
    "no_proxy",
    "REQUESTS_CA_BUNDLE",
    "CURL_CA_BUNDLE",
    "SSL_CERT_FILE",
    "NODE_EXTRA_CA_CERTS",
    "NODE_OPTIONS",
    "PYTHONPATH",
];

/// An SDK or another program, and its script.
pub struct Judge {
    /// What it judges.
    pub subject: Subject,
    /// Folder under the subject's.
    pub folder: &'static str,
    /// What runs it.
    pub language: Language,
}

/// What is judged.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Subject {
    /// A running sandbox.
    Sandbox,
    /// Figures that are kept in the project.
    Figures,
    /// Plans that the built program makes when the judge asks for them.
    Plans,
}

impl Subject {
    fn folder(self) -> &'static str {
        match self {
            Self::Sandbox => "sdk",
            Self::Figures | Self::Plans => "truth",
        }
    }
}

/// What runs a judge.
#[derive(Clone, Copy)]
pub enum Language {
    /// `requirements.txt`, a virtual environment, `judge.py`.
    Python,
    /// `package.json` with its lock file, `judge.js`.
    Node,
}

impl Judge {
    /// Installs, starts a sandbox where one is judged, runs, counts.
    pub fn run(&self) -> Result<Outcome, Error> {
        let place = target().join(self.subject.folder()).join(self.folder);
        if let Err(lack) = self.install(&place)? {
            return Ok(Outcome::NotRun { needs: lack });
        }
        if self.subject == Subject::Figures {
            return watch(self.folder, self.script(&place));
        }
        build()?;
        if self.subject == Subject::Plans {
            let mut script = self.script(&place);
            script.env("FOURCAST", program()).env("MONTHS", place.join("months"));
            return watch(self.folder, script);
        }
        let sandbox = Sandbox::start(&place)?;
        let mut script = self.script(&place);
        sandbox.tell(&mut script);
        let outcome = watch(self.folder, script)?;
        drop(sandbox);
        Ok(outcome)
    }

    fn home(&self) -> PathBuf {
        project().join("tests").join(self.subject.folder()).join(self.folder)
    }

    /// Puts the pinned packages in place. The inner error says what the machine lacks.
    fn install(&self, place: &Path) -> Result<Result<(), String>, Error> {
        let needed: &[(&str, &str)] = match self.language {
            Language::Python => &[("python3", "python3")],
            Language::Node => &[("node", "nodejs"), ("npm", "npm")],
        };
        for (program, package) in needed {
            let there = is_there(program) || apt_install(package) && is_there(program);
            if !there {
                return Ok(Err(format!("{program}; install it to run this part")));
            }
        }
        let mut wished = String::new();
        for path in self.wishes() {
            let text = std::fs::read_to_string(&path);
            wished += &text.map_err(|source| Error::Read { path, source })?;
        }
        // Written last: a broken installation is begun anew, and one whose Python has gone.
        let stamp = place.join("installed");
        let whole = match self.language {
            Language::Python => is_there(&place.join("venv/bin/python").to_string_lossy()),
            Language::Node => true,
        };
        if whole && std::fs::read_to_string(&stamp).is_ok_and(|installed| installed == wished) {
            return Ok(Ok(()));
        }
        let failed = |path: &Path| {
            let path = path.to_owned();
            move |source| Error::Write { path, source }
        };
        if place.exists() {
            std::fs::remove_dir_all(place).map_err(failed(place))?;
        }
        std::fs::create_dir_all(place).map_err(failed(place))?;
        eprintln!("installing the packages of tests/{}/{} …", self.subject.folder(), self.folder);
        let done = match self.language {
            Language::Python => install_python(place, &self.wishes()),
            Language::Node => install_node(place, &self.wishes()),
        };
        if let Err(reason) = done {
            return Ok(Err(format!("the package registry ({reason})")));
        }
        std::fs::write(&stamp, wished).map_err(failed(&stamp))?;
        Ok(Ok(()))
    }

    /// The files that say what to install, down to the last package's version.
    fn wishes(&self) -> Vec<PathBuf> {
        let names: &[&str] = match self.language {
            Language::Python => &["requirements.txt"],
            Language::Node => &["package.json", "package-lock.json"],
        };
        names.iter().map(|name| self.home().join(name)).collect()
    }

    fn script(&self, place: &Path) -> Command {
        let mut command = match self.language {
            Language::Python => {
                let mut command = Command::new(place.join("venv/bin/python"));
                command.arg("judge.py").env("PYTHONDONTWRITEBYTECODE", "1");
                command
            }
            Language::Node => {
                let mut command = Command::new("node");
                command.arg("judge.js").env("NODE_PATH", place.join("node_modules"));
                command
            }
        };
        command.current_dir(self.home());
        command
    }
}

fn install_python(place: &Path, wishes: &[PathBuf]) -> Result<(), String> {
    let venv = place.join("venv");
    let make = || {
        let mut command = Command::new("python3");
        command.args(["-m", "venv", "--clear"]).arg(&venv);
        command
    };
    // Debian keeps what makes environments in a package of its own.
    if quietly(make()).is_err() {
        apt_install("python3-venv");
        quietly(make())?;
    }
    let mut pip = Command::new(venv.join("bin/python"));
    // Every package is named; pip itself is not.
    let quiet = ["--quiet", "--no-input", "--disable-pip-version-check", "--no-deps"];
    pip.args(["-m", "pip", "install"]).args(quiet);
    for wish in wishes {
        pip.arg("--requirement").arg(wish);
    }
    quietly(pip)
}

fn install_node(place: &Path, wishes: &[PathBuf]) -> Result<(), String> {
    for wish in wishes {
        let name = wish.file_name().unwrap_or_default();
        std::fs::copy(wish, place.join(name)).map_err(|error| error.to_string())?;
    }
    let mut npm = Command::new("npm");
    npm.current_dir(place).args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"]);
    quietly(npm)
}

/// Runs a command; its last words are the error.
fn quietly(mut command: Command) -> Result<(), String> {
    let output = command.stdin(Stdio::null()).output().map_err(|error| error.to_string())?;
    if output.status.success() {
        return Ok(());
    }
    let said = [output.stdout, output.stderr].concat();
    let said = String::from_utf8_lossy(&said);
    let last = said.lines().rev().find(|line| !line.trim().is_empty());
    Err(last.unwrap_or("it ended without a word").trim().to_owned())
}

/// On Debian and as root a missing program is fetched.
pub fn apt_install(package: &str) -> bool {
    let root = Command::new("id").arg("-u").output().is_ok_and(|id| id.stdout == b"0\n");
    if !root || !is_there("apt-get") {
        return false;
    }
    eprintln!("installing {package} …");
    let install = || {
        let mut install = Command::new("apt-get");
        install
            .args(["install", "-y", "--no-install-recommends", package])
            .env("DEBIAN_FRONTEND", "noninteractive");
        quietly(install).is_ok()
    };
    // A fresh machine knows no packages before it has asked.
    let update = || {
        let mut update = Command::new("apt-get");
        update.arg("update");
        quietly(update).is_ok()
    };
    install() || (update() && install())
}

fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR")
        .map_or_else(|| project().join("target"), |named| project().join(named))
}

/// The program that [`build`] builds.
fn program() -> PathBuf {
    target().join("debug/fourcast")
}

fn build() -> Result<(), Error> {
    let status = cargo(&["build", "--quiet", "--package", "fourcast"])
        .status()
        .map_err(|source| Error::Run { program: "cargo".into(), source })?;
    if status.success() { Ok(()) } else { Err(Error::Step("building fourcast")) }
}

/// A running `fourcast sandbox`; it ends with this value.
struct Sandbox {
    child: Child,
    told: serde_json::Value,
    authority: PathBuf,
}

impl Sandbox {
    fn start(place: &Path) -> Result<Self, Error> {
        let program = program();
        let failed = |source| Error::Run { program: "fourcast sandbox".into(), source };
        let folder = place.join("authority");
        let mut child = Command::new(program)
            .args(["sandbox", "--json", "--followers", "1", "--clock", START])
            .args(["--listen", "127.0.0.1:0", "--tls-listen", "127.0.0.1:0"])
            .args(["--proxy-listen", "127.0.0.1:0", "--authority"])
            .arg(&folder)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(failed)?;
        let mut text = String::new();
        if let Some(output) = child.stdout.take() {
            for line in BufReader::new(output).lines() {
                let line = line.map_err(failed)?;
                text.push_str(&line);
                if line == "}" {
                    break;
                }
            }
        }
        let authority = folder.join("authority.pem");
        match serde_json::from_str(&text) {
            Ok(told) => Ok(Self { child, told, authority }),
            Err(error) => {
                let _ = child.kill();
                let _ = child.wait();
                Err(failed(error.into()))
            }
        }
    }

    /// Says to a script where the doors are.
    fn tell(&self, script: &mut Command) {
        for name in SWAYING {
            script.env_remove(name);
        }
        for (name, field) in
            [("SANDBOX_URL", "url"), ("SANDBOX_TLS", "tls"), ("SANDBOX_PROXY", "proxy")]
        {
            script.env(name, self.told[field].as_str().unwrap_or_default());
        }
        // Node reads its authorities once, at the start.
        script
            .env("SANDBOX_AUTHORITY", &self.authority)
            .env("NODE_EXTRA_CA_CERTS", &self.authority);
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        // Fails when it has ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Runs the script, passes on what it says, and counts.
fn watch(name: &str, mut script: Command) -> Result<Outcome, Error> {
    let failed = |source| Error::Run { program: format!("the judge {name}"), source };
    let mut child = script.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().map_err(failed)?;
    let (say, hear) = mpsc::channel();
    if let Some(output) = child.stdout.take() {
        std::thread::spawn(move || pass_on(output, &say));
    }
    let mut counts = Counts::default();
    let mut hung = false;
    loop {
        match hear.recv_timeout(SILENCE) {
            Ok(line) => {
                println!("{line}");
                count(&mut counts, &line);
            }
            Err(mpsc::RecvTimeoutError::Disconnected) => break,
            Err(mpsc::RecvTimeoutError::Timeout) => {
                println!("FAIL {name}: silent for {} seconds", SILENCE.as_secs());
                counts.failed += 1;
                hung = true;
                child.kill().map_err(failed)?;
                break;
            }
        }
    }
    let ok = child.wait().map_err(failed)?.success() && !hung;
    Ok(Outcome::Run { ok, counts })
}

fn pass_on(output: impl Read, say: &mpsc::Sender<String>) {
    for line in BufReader::new(output).lines().map_while(Result::ok) {
        if say.send(line).is_err() {
            return;
        }
    }
}

fn count(counts: &mut Counts, line: &str) {
    if line.starts_with("PASS ") {
        counts.passed += 1;
    } else if line.starts_with("FAIL ") {
        counts.failed += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str) -> Outcome {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        watch("test", command).unwrap()
    }

    #[test]
    fn the_lines_of_a_script_are_counted_and_its_end_is_heeded() {
        let said = "echo PASS a; echo 'FAIL b'; echo '  FAIL of no check'; echo PASS c";
        let counts = Counts { passed: 2, failed: 1, ignored: 0 };
        assert_eq!(shell(said), Outcome::Run { ok: true, counts });
        let Outcome::Run { ok, .. } = shell("echo PASS a; exit 3") else { panic!() };
        assert!(!ok, "a script that breaks off is no success");
    }

    #[test]
    fn the_last_words_of_a_failed_command_are_kept() {
        let mut command = Command::new("sh");
        command.args(["-c", "echo first; echo 'no network' >&2; echo; exit 1"]);
        assert_eq!(quietly(command), Err("no network".to_owned()));
        assert!(quietly(Command::new("no-program-has-this-name")).is_err());
    }

    #[test]
    fn every_judge_pins_what_it_installs() {
        for judge in crate::parts::judges() {
            let home = judge.home();
            match judge.language {
                Language::Python => {
                    let wish = std::fs::read_to_string(home.join("requirements.txt")).unwrap();
                    let wished = wish.lines().filter(|line| !line.starts_with('#'));
                    for line in wished {
                        assert!(line.contains("=="), "{line}");
                    }
                }
                Language::Node => {
                    let read = |name: &str| -> serde_json::Value {
                        let text = std::fs::read_to_string(home.join(name)).unwrap();
                        serde_json::from_str(&text).unwrap()
                    };
                    let wish = read("package.json");
                    for (name, version) in wish["dependencies"].as_object().unwrap() {
                        let version = version.as_str().unwrap();
                        let exact = version.split('.').all(|part| part.parse::<u32>().is_ok());
                        assert!(exact, "{name} {version}");
                    }
                    let lock = read("package-lock.json");
                    assert_eq!(lock["packages"][""]["dependencies"], wish["dependencies"]);
                    for (name, locked) in lock["packages"].as_object().unwrap() {
                        let hash = locked["integrity"].as_str();
                        assert!(name.is_empty() || hash.is_some(), "{name}");
                    }
                }
            }
        }
    }
}
