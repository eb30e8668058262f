/// Why somebody sees a record or does not, clause by clause, in Jira's own words.
public struct AccessExplanation: Hashable, Sendable {
    /// The decision itself, as ``AclClauses/admits(_:)`` gives it, not a second opinion.
    public var visible: Bool
    /// Browse and level always; visibility where the record has a restriction of its own.
    public var clauses: [Clause]

    public init(visible: Bool, clauses: [Clause]) {
        self.visible = visible
        self.clauses = clauses
    }

    /// One requirement. All of them must hold.
    public struct Clause: Hashable, Sendable {
        public var kind: Kind
        public var holds: Bool
        /// Sentences: which grant or member decides, or which there are and what would have to change.
        public var because: [String]

        public init(kind: Kind, holds: Bool, because: [String]) {
            self.kind = kind
            self.holds = holds
            self.because = because
        }
    }

    public enum Kind: String, Hashable, Sendable { case browse, level, visibility }
}
