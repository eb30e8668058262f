/// A column whose values are sealed under the installation's key, and what each of them is bound to: so that another key can seal
/// all of them anew, wherever they are kept.
public struct SealedColumn: Sendable {
    public let table: String
    public let column: String
    /// The columns that tell a row from every other, in the order in which ``context`` takes them.
    public let identity: [String]
    /// The context that a row's value is sealed with, of the row's identity as text.
    public let context: @Sendable ([String]) -> String

    public init(
        table: String, column: String, identity: [String], context: @escaping @Sendable ([String]) -> String
    ) {
        self.table = table
        self.column = column
        self.identity = identity
        self.context = context
    }
}
