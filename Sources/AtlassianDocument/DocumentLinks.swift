/// What a writer may put in place of ids: names for people, addresses for files.
///
/// Both answers are escaped and checked like any other input.
public struct DocumentLinks: Sendable {
    /// The display name for an account id or user name; `nil` keeps what the document says.
    public var personName: @Sendable (String) -> String?
    /// The address of an embedded file; `nil` shows the file's name without one.
    public var mediaAddress: @Sendable (MediaReference) -> String?

    public init(
        personName: @escaping @Sendable (String) -> String? = { _ in nil },
        mediaAddress: @escaping @Sendable (MediaReference) -> String? = { _ in nil }
    ) {
        self.personName = personName
        self.mediaAddress = mediaAddress
    }

    /// Resolves nothing.
    public static let none = DocumentLinks()
}
