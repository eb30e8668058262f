public import Database
public import Store

/// Everything that signs members in and looks after them, over one store and one hasher of passwords.
public struct SignInServices: Sendable {
    public let authenticator: Authenticator
    public let desk: SignInDesk
    public let accounts: Accounts
    public let members: MemberAdministration

    public init(store: Store, configuration: Authenticator.Configuration = Authenticator.Configuration()) {
        self.init(store: store, authenticator: Authenticator(store: store, configuration: configuration))
    }

    public init(store: Store, authenticator: Authenticator) {
        let hasher = PasswordHasher()
        self.authenticator = authenticator
        desk = SignInDesk(store: store, hasher: hasher)
        accounts = Accounts(store: store, hasher: hasher)
        members = MemberAdministration(store: store, hasher: hasher)
    }
}

/// Clears away what is over. Nothing depends on it but space.
public enum SignInUpkeep {
    /// Expired tokens stay listed so long, in days, so that their owners see why something stopped working.
    public static let expiredTokenDays = 30

    /// Ends what has expired; meant to run once an hour.
    public static func sweep(
        limits: Sessions.Limits = Sessions.Limits(), in context: WriteContext
    ) throws {
        let now = try SteadyTime.note(in: context).steady
        let connection = context.connection
        try connection.execute(
            "DELETE FROM session WHERE touched <= ? OR born <= ?", now - limits.idle.milliseconds,
            now - limits.absolute.milliseconds)
        try connection.execute(
            "DELETE FROM api_token WHERE deadline <= ?", now - Int64(expiredTokenDays) * 86_400_000)
        try connection.execute("DELETE FROM one_use_link WHERE deadline <= ?", now)
        try SignInThrottle.sweep(in: context)
    }

    /// Ends sessions and links for one use in a database that was put back to an earlier state: there they are good again
    /// although they were ended or used since. Does nothing where there are no such tables yet.
    public static func beginAnew(in connection: Connection) throws {
        for table in ["session", "one_use_link"] {
            let isThere = try connection.first("SELECT 1 FROM sqlite_schema WHERE name = ?", table) { _ in true }
            if isThere != nil { try connection.execute("DELETE FROM \(table)") }
        }
    }
}
