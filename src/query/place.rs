//! What the path of a file says of its role. Ranking lets tests and side files step back behind the code itself.

/// What a path says of a file's role.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// A test, or what only tests use.
    pub test: bool,
    /// An example, documentation, generated, bundled or vendored.
    pub aside: bool,
    /// Text for people: a manual, a change log.
    pub prose: bool,
}

impl Place {
    /// Judges a path.
    pub fn of(path: &str) -> Self {
        let lower = path.to_lowercase();
        let (folders, name) = lower.rsplit_once('/').unwrap_or(("", &lower));
        let folder = |names: &[&str]| folders.split('/').any(|folder| names.contains(&folder));
        let stem = name.split('.').next().unwrap_or(name);
        let test = folder(&[
            "test",
            "tests",
            "__tests__",
            "spec",
            "specs",
            "testing",
            "e2e",
            "fixtures",
            "__fixtures__",
            "testdata",
            "__mocks__",
            "mocks",
        ]) || stem.starts_with("test_")
            || stem.ends_with("_test")
            || stem.ends_with("_spec")
            || stem == "conftest"
            || stem == "tests"
            || name.contains(".test.")
            || name.contains(".spec.");
        let aside = folder(&[
            "example",
            "examples",
            "docs",
            "doc",
            "vendor",
            "vendored",
            "_vendor",
            "third_party",
            "node_modules",
            "dist",
            "build",
            "generated",
            "bench",
            "benches",
            "benchmarks",
            "demo",
            "demos",
            "samples",
            "deprecated",
            "legacy",
            "compat",
        ]) || name.ends_with(".d.ts")
            || name.contains(".min.")
            || name.contains(".generated.")
            || name.ends_with("_pb2.py")
            || name.ends_with(".pb.go")
            || name.ends_with(".lock")
            || name == "package-lock.json";
        let prose = [".md", ".mdx", ".rst", ".txt", ".adoc"].iter().any(|extension| name.ends_with(extension));
        Self { test, aside, prose }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_tell_tests_and_side_files() {
        let place = |path| (Place::of(path).test, Place::of(path).aside);
        assert_eq!(place("src/router.ts"), (false, false));
        assert_eq!(place("tests/router.ts"), (true, false));
        assert_eq!(place("src/router.test.ts"), (true, false));
        assert_eq!(place("pkg/router_test.go"), (true, false));
        assert_eq!(place("examples/a.py"), (false, true));
        assert_eq!(place("types/a.d.ts"), (false, true));
        assert_eq!(place("latest/contest.rs"), (false, false));
    }
}
