/// A rich text of Jira as one tree, whichever syntax it was written in.
public struct Document: Hashable, Sendable {
    public init() {}
}
