internal import IssueModel
public import Cryptography
public import Database
internal import Store
public import Workspace

/// Members' second factors: an authenticator app's codes (``TimeCode``), and recovery codes for when it is lost.
public enum SecondFactors {
    /// Recovery codes that a member gets.
    public static let recoveryCodeCount = 10

    /// A secret that waits for its first code.
    public struct Offer: Hashable, Sendable {
        /// In base32, to type into an app.
        public var secret: String
        /// `otpauth://totp/…`, to show as a picture.
        public var address: String
    }

    /// Whether signing in takes a code.
    public static func isOn(for member: MemberID, in connection: Connection) throws -> Bool {
        try connection.first(
            "SELECT 1 FROM second_factor WHERE member_id = ? AND confirmed IS NOT NULL", member.rawValue
        ) { _ in true } ?? false
    }

    /// How many recovery codes are left.
    public static func recoveryCodes(of member: MemberID, in connection: Connection) throws -> Int {
        try connection.first("SELECT count(*) FROM recovery_code WHERE member_id = ?", member.rawValue) { $0.int(0) }
            ?? 0
    }

    /// Draws a secret, kept sealed. Nothing changes for signing in until ``confirm(_:for:key:in:)``.
    ///
    /// - Throws: ``SignInError`` with `conflict` where the second factor is on.
    static func offer(
        to member: Member, issuer: String, key: SecretKey, in context: WriteContext
    ) throws -> Offer {
        guard try !isOn(for: member.id, in: context.connection) else {
            throw SignInError(.conflict, "The second factor is on already. Turn it off first.")
        }
        let secret = try Random.bytes(TimeCode.secretByteCount)
        try context.connection.execute(
            """
            INSERT INTO second_factor (member_id, secret) VALUES (?, ?) ON CONFLICT (member_id)
            DO UPDATE SET secret = excluded.secret, confirmed = NULL, last_step = 0
            """, member.id.rawValue, try key.seal(secret, context: sealContext(member.id)))
        return Offer(
            secret: Base32.encode(secret), address: TimeCode.address(secret, account: member.email, issuer: issuer))
    }

    /// Turns the second factor on, with the first code as the proof that the app has the secret.
    ///
    /// - Returns: The recovery codes, shown this once; `nil` where the code is wrong.
    static func confirm(
        _ code: String, for member: MemberID, key: SecretKey, in context: WriteContext
    ) throws -> [String]? {
        guard try !isOn(for: member, in: context.connection) else {
            throw SignInError(.conflict, "The second factor is on already.")
        }
        guard try accepts(code, of: member, key: key, in: context) else { return nil }
        try context.connection.execute(
            "UPDATE second_factor SET confirmed = ? WHERE member_id = ?", context.now.rawValue, member.rawValue)
        return try renewRecoveryCodes(of: member, in: context)
    }

    /// Whether the code is the app's or a recovery code; either is good once.
    static func verify(
        _ code: String, of member: MemberID, key: SecretKey, in context: WriteContext
    ) throws -> Bool {
        if try accepts(code, of: member, key: key, in: context) { return true }
        let hash = hash(ofRecoveryCode: code)
        try context.connection.execute(
            "DELETE FROM recovery_code WHERE member_id = ? AND hash = ?", member.rawValue, hash)
        return context.connection.changedRows > 0
    }

    /// Turns the second factor off, and forgets the recovery codes.
    ///
    /// - Returns: Whether it was on.
    @discardableResult
    static func remove(of member: MemberID, in context: WriteContext) throws -> Bool {
        let wasOn = try isOn(for: member, in: context.connection)
        try context.connection.execute("DELETE FROM second_factor WHERE member_id = ?", member.rawValue)
        try context.connection.execute("DELETE FROM recovery_code WHERE member_id = ?", member.rawValue)
        return wasOn
    }

    /// New recovery codes in the place of those that are left.
    static func renewRecoveryCodes(of member: MemberID, in context: WriteContext) throws -> [String] {
        try context.connection.execute("DELETE FROM recovery_code WHERE member_id = ?", member.rawValue)
        return try (0..<recoveryCodeCount).map { _ in
            let letters = Base32.encode(try Random.bytes(10)).lowercased()
            let groups = stride(from: 0, to: 16, by: 4).map { start in letters.dropFirst(start).prefix(4) }
            let code = groups.joined(separator: "-")
            try context.connection.execute(
                "INSERT INTO recovery_code (member_id, hash) VALUES (?, ?)", member.rawValue,
                hash(ofRecoveryCode: code))
            return code
        }
    }

    /// Takes a code of the app and notes its step, so that whoever saw it typed can't use it again.
    private static func accepts(
        _ code: String, of member: MemberID, key: SecretKey, in context: WriteContext
    ) throws -> Bool {
        let kept = try context.connection.first(
            "SELECT secret, last_step FROM second_factor WHERE member_id = ?", member.rawValue
        ) { (sealed: $0.blob(0), last: $0.int64(1)) }
        guard let kept else { return false }
        let secret = try key.open(kept.sealed, context: sealContext(member))
        let seconds = context.now.rawValue / 1_000
        guard let step = try TimeCode.step(of: code, secret, at: seconds, after: kept.last) else { return false }
        try context.connection.execute(
            "UPDATE second_factor SET last_step = ? WHERE member_id = ?", step, member.rawValue)
        return true
    }

    private static func hash(ofRecoveryCode code: String) -> [UInt8] {
        let letters = code.lowercased().utf8.filter { $0 != UInt8(ascii: "-") && $0 != UInt8(ascii: " ") }
        return Digest.sha256(Array(letters.prefix(100)))
    }

    /// For another key.
    public static let sealed = SealedColumn(table: "second_factor", column: "secret", identity: ["member_id"]) {
        "second factor of member \($0[0])"
    }

    private static func sealContext(_ member: MemberID) -> String { "second factor of member \(member)" }
}
