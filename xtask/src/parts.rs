//! All tests of the project, part by part, and one summary of what came of them.
//!
//! A part that needs a program this machine lacks is not run and is named in the summary; where
//! the environment says `CI=true` that counts as a failure, so that nothing is left out unseen.

use std::fmt;
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use crate::sdk::{Judge, Language, Subject, apt_install};
use crate::{Error, cargo};

/// Some of the project's tests, and the programs they cannot do without.
struct Part {
    name: &'static str,
    work: Work,
    needs: &'static [&'static str],
}

/// How a part is run.
enum Work {
    /// A cargo command whose test results are counted.
    Cargo(&'static [&'static str]),
    /// An SDK that judges the sandbox, or another program that judges figures.
    Sdk(&'static Judge),
}

const WECHATPY: Judge =
    Judge { subject: Subject::Sandbox, folder: "wechatpy", language: Language::Python };
const CO_WECHAT_API: Judge =
    Judge { subject: Subject::Sandbox, folder: "co-wechat-api", language: Language::Node };
const PANDAS: Judge =
    Judge { subject: Subject::Figures, folder: "rfm", language: Language::Python };
const ORACLES: Judge =
    Judge { subject: Subject::Plans, folder: "oracles", language: Language::Python };
const NODE_EASYWECHAT: Judge =
    Judge { subject: Subject::Sandbox, folder: "node-easywechat", language: Language::Node };

/// Programs that Debian has, and the packages they come in: a browser needs a font that has
/// Chinese characters, or its pictures show none.
const PACKAGES: &[(&str, &[&str])] =
    &[("chromium", &["fonts-noto-cjk", "chromium"]), ("chromedriver", &["chromium-driver"])];

/// A part with needs of its own (a database, a browser) gets its own line here.
const PARTS: &[Part] = &[
    Part {
        name: "workspace",
        work: Work::Cargo(&["test", "--workspace", "--no-fail-fast"]),
        needs: &[],
    },
    Part {
        name: "browser",
        work: Work::Cargo(&[
            "test",
            "--package",
            "sandbox",
            "--features",
            "browser",
            "--test",
            "inspector_browser",
        ]),
        needs: &["chromium", "chromedriver"],
    },
    Part { name: "wechatpy", work: Work::Sdk(&WECHATPY), needs: &[] },
    Part { name: "co-wechat-api", work: Work::Sdk(&CO_WECHAT_API), needs: &[] },
    Part { name: "node-easywechat", work: Work::Sdk(&NODE_EASYWECHAT), needs: &[] },
    Part { name: "pandas", work: Work::Sdk(&PANDAS), needs: &[] },
    Part { name: "oracles", work: Work::Sdk(&ORACLES), needs: &[] },
];

/// The judges of `tests/sdk/` and `tests/truth/`.
#[cfg(test)]
pub fn judges() -> impl Iterator<Item = &'static Judge> {
    PARTS.iter().filter_map(|part| match part.work {
        Work::Sdk(judge) => Some(judge),
        Work::Cargo(_) => None,
    })
}

/// What came of one part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It was run.
    Run {
        /// Whether its program ended well.
        ok: bool,
        /// Its tests.
        counts: Counts,
    },
    /// It was left out.
    NotRun {
        /// What the machine lacks.
        needs: String,
    },
}

/// Tests counted over all test programs of a part.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Those that passed.
    pub passed: u64,
    /// Those that failed.
    pub failed: u64,
    /// Those left out on purpose.
    pub ignored: u64,
}

/// Runs every part, or the one named, and prints the summary.
pub fn test(only: Option<&str>) -> Result<(), Error> {
    let in_ci = std::env::var("CI").is_ok_and(|value| value == "true");
    let mut outcomes = Vec::new();
    for part in PARTS.iter().filter(|part| only.is_none_or(|name| name == part.name)) {
        outcomes.push((part.name, run(part)?));
    }
    if outcomes.is_empty() {
        return Err(Error::Part(PARTS.iter().map(|part| part.name).collect::<Vec<_>>().join(", ")));
    }
    println!("\n{}", summary(&outcomes));
    if good(&outcomes, in_ci) { Ok(()) } else { Err(Error::Step("the test run")) }
}

fn run(part: &Part) -> Result<Outcome, Error> {
    if let Some(needs) = part.needs.iter().find(|program| !is_there(program) && !fetched(program)) {
        return Ok(Outcome::NotRun { needs: (*needs).into() });
    }
    let arguments = match part.work {
        Work::Cargo(arguments) => arguments,
        Work::Sdk(judge) => return judge.run(),
    };
    let failed = |source| Error::Run { program: format!("the tests of {}", part.name), source };
    let mut child = cargo(arguments).stdout(Stdio::piped()).spawn().map_err(failed)?;
    let mut counts = Counts::default();
    if let Some(output) = child.stdout.take() {
        for line in BufReader::new(output).lines() {
            let line = line.map_err(failed)?;
            println!("{line}");
            counts.add(&line);
        }
    }
    let ok = child.wait().map_err(failed)?.success();
    Ok(Outcome::Run { ok, counts })
}

/// Fetches a program that is not there, where that can be done.
fn fetched(program: &str) -> bool {
    let packages = PACKAGES.iter().find(|(known, _)| *known == program);
    packages.is_some_and(|(_, packages)| packages.iter().all(|package| apt_install(package)))
        && is_there(program)
}

/// Whether this machine has the program.
pub fn is_there(program: &str) -> bool {
    let version =
        Command::new(program).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
    version.is_ok_and(|status| status.success())
}

impl Counts {
    /// Adds what a line such as `test result: ok. 54 passed; 0 failed; 0 ignored; …` tells.
    fn add(&mut self, line: &str) {
        let Some(result) = line.strip_prefix("test result: ") else { return };
        let told = result.split_once(". ").map_or("", |(_, told)| told);
        for part in told.split("; ") {
            if let Some((number, what)) = part.split_once(' ')
                && let Ok(number) = number.parse::<u64>()
            {
                match what {
                    "passed" => self.passed += number,
                    "failed" => self.failed += number,
                    "ignored" => self.ignored += number,
                    _ => {}
                }
            }
        }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Run { ok, counts: Counts { passed, failed, ignored } } => {
                write!(f, "{}: {passed} passed", if *ok { "ok" } else { "FAILED" })?;
                if *failed > 0 {
                    write!(f, ", {failed} failed")?;
                }
                if *ignored > 0 {
                    write!(f, ", {ignored} ignored")?;
                }
                Ok(())
            }
            Self::NotRun { needs } => write!(f, "not run, needs {needs}"),
        }
    }
}

fn summary(outcomes: &[(&str, Outcome)]) -> String {
    let width = outcomes.iter().map(|(name, _)| name.len()).max().unwrap_or_default();
    let lines: Vec<String> =
        outcomes.iter().map(|(name, outcome)| format!("{name:width$}  {outcome}")).collect();
    lines.join("\n")
}

/// A run without any test proves nothing and is not good.
fn good(outcomes: &[(&str, Outcome)], in_ci: bool) -> bool {
    outcomes.iter().all(|(_, outcome)| match outcome {
        Outcome::Run { ok, counts } => *ok && counts.failed == 0 && counts.passed > 0,
        Outcome::NotRun { .. } => !in_ci,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counted(lines: &[&str]) -> Counts {
        let mut counts = Counts::default();
        lines.iter().for_each(|line| counts.add(line));
        counts
    }

    #[test]
    fn results_of_all_test_programs_are_added_up() {
        let counts = counted(&[
            "running 2 tests",
            "test result: ok. 54 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.03s",
            "test a_test_that_speaks_of ... test result: ok. 9 passed",
            "test result: FAILED. 3 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out; finished in 1.20s",
        ]);
        assert_eq!(counts, Counts { passed: 57, failed: 2, ignored: 1 });
    }

    #[test]
    fn a_part_left_out_is_named_and_fails_only_in_ci() {
        let run = Outcome::Run { ok: true, counts: Counts { passed: 5, failed: 0, ignored: 0 } };
        let outcomes = [("workspace", run), ("postgres", Outcome::NotRun { needs: "psql".into() })];
        assert_eq!(summary(&outcomes), "workspace  ok: 5 passed\npostgres   not run, needs psql");
        assert!(good(&outcomes, false));
        assert!(!good(&outcomes, true));
    }

    #[test]
    fn a_run_that_failed_or_tested_nothing_is_not_good() {
        let run =
            |ok, passed, failed| Outcome::Run { ok, counts: Counts { passed, failed, ignored: 0 } };
        assert!(!good(&[("workspace", run(false, 5, 0))], false));
        assert!(!good(&[("workspace", run(true, 0, 0))], false));
        assert_eq!(run(false, 5, 1).to_string(), "FAILED: 5 passed, 1 failed");
    }

    #[test]
    fn a_program_that_is_not_there_is_noticed() {
        assert!(!is_there("no-program-has-this-name"));
    }
}
