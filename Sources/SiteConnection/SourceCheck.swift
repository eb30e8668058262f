public import FastJSON

/// One thing that was tried on a site, for `source test` and `source add`.
public struct SourceCheck: Hashable, Sendable {
    /// Stable, for scripts: `address`, `reachable`, `signed_in`, `projects`, `permission_schemes`, …
    public var code: String
    public var outcome: Outcome
    /// What was found.
    public var what: String
    /// What it means; empty where all is well.
    public var why: String
    /// What to do; empty where nothing needs doing.
    public var fix: String
    /// Why it is not as it should be, in one word; `nil` where all is well or no word says it.
    public var diagnosis: Diagnosis?

    public enum Outcome: String, Hashable, Sendable { case ok, warn, fail }

    public init(
        _ code: String, _ outcome: Outcome, _ what: String, why: String = "", fix: String = "",
        diagnosis: Diagnosis? = nil
    ) {
        self.code = code
        self.outcome = outcome
        self.what = what
        self.why = why
        self.fix = fix
        self.diagnosis = diagnosis ?? ownDiagnosis
    }

    public func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("code", code)
            writer.member("outcome", outcome.rawValue)
            writer.member("what", what)
            writer.member("why", why)
            writer.member("fix", fix)
            writer.member("diagnosis", diagnosis?.rawValue)
        }
    }
}
