public import AccessControl
public import Database
public import Store

/// Views of issues by our own ids, made in the caller's transaction: for those who found the issues by other means.
public struct IssueViews {
    private let store: Store
    private var assemblies: [Int64: IssueAssembly] = [:]

    public init(store: Store) { self.store = store }

    /// The issue as whoever `allowed` stands for may see it.
    ///
    /// - Parameter issue: `issue.id`.
    /// - Returns: `nil` alike for an issue that does not exist and for one that may not be seen.
    /// - Throws: ``ReadingError`` with code `damaged` where the stored copy cannot be read.
    public mutating func view(
        of issue: Int64, allowed: AllowedSet, in connection: Connection
    ) throws -> IssueView? {
        guard let row = try IssueRecords.row(issue, in: connection), row.isVisible(in: allowed) else { return nil }
        if let assembly = assemblies[row.source] { return try assembly.view(of: row, allowed: allowed, in: connection) }
        guard let source = try SourceRecords.source(row.source, in: connection), source.state != .removed else {
            return nil
        }
        let assembly = try IssueAssembly(store: store, source: source, in: connection)
        assemblies[row.source] = assembly
        return try assembly.view(of: row, allowed: allowed, in: connection)
    }
}
