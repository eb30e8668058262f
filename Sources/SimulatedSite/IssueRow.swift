public import SimulatedData

/// What the site keeps of every issue in memory; the rest follows from the seed when asked for.
public struct IssueRow: Sendable, Hashable {
    public enum State: UInt8, Sendable { case live, archived, deleted }

    /// Position among all issues, in order of creation.
    public let ordinal: Int32
    public var project: Int16
    /// The number in the key.
    public var number: Int32
    /// Position in ``SiteCatalogue/issueTypes``.
    public var type: UInt8
    public var status: UInt8
    public var priority: UInt8
    /// -1 when unresolved.
    public var resolution: Int8
    /// Positions in ``SiteState/users``; -1 for nobody.
    public var assignee: Int32
    public var reporter: Int32
    public var creator: Int32
    /// The id of a security level; 0 for none.
    public var level: Int32
    /// Ordinal of the parent (epic or, for a sub-task, its issue); -1 for none.
    public var parent: Int32
    public var created: Milliseconds
    public var updated: Milliseconds
    /// 0 when unresolved.
    public var resolved: Milliseconds
    /// Days since 1970; 0 for none.
    public var due: Int32
    public var state: State

    /// Jira's numeric id of the issue; never reused.
    public var id: Int { IssueRow.firstID + Int(ordinal) }

    static let firstID = 10_000
}
