public import Console
public import Store

/// Commands about members' sign-in, API tokens and the audit trail, for a program that says how a data folder is opened.
public struct AccountCommands: Sendable {
    /// Opens the data folder that a command line names, lends its store, and closes it again.
    public typealias Opener =
        @Sendable (Invocation, @escaping @Sendable (Store) async throws -> ExitCode) async throws -> ExitCode

    let reading: Opener
    let changing: Opener

    /// - Parameter changing: Works beside a server that holds the folder.
    public init(reading: @escaping Opener, changing: @escaping Opener) {
        self.reading = reading
        self.changing = changing
    }
}
