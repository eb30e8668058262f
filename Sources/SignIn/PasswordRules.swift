/// Which passwords members may choose (NIST SP 800-63B §5.1.1.2: length counts, not kinds of characters).
public enum PasswordRules {
    /// Characters that a password has at least.
    public static let shortest = 12
    /// Bytes that a password has at most.
    public static let byteLimit = 1_024

    /// - Parameter email: The member's address, which is no password.
    /// - Throws: ``SignInError`` with `weakPassword`.
    public static func check(_ password: String, for email: String) throws(SignInError) {
        guard password.count >= shortest else {
            throw SignInError(.weakPassword, "A password has at least \(shortest) characters.")
        }
        guard password.utf8.count <= byteLimit else {
            throw SignInError(.weakPassword, "A password has at most \(byteLimit) bytes.")
        }
        let folded = password.lowercased()
        let name = email.lowercased().prefix { $0 != "@" }
        guard folded != email.lowercased(), folded != name + name else {
            throw SignInError(.weakPassword, "The e-mail address is no password.")
        }
        guard !isCommon(folded), !isPattern(folded) else {
            throw SignInError(.weakPassword, "This password is among the first that anybody tries. Choose another one.")
        }
    }

    /// Common passwords, and common words with digits or signs behind them.
    private static func isCommon(_ folded: String) -> Bool {
        if common.contains(folded) { return true }
        var stem = folded[...]
        while let last = stem.last, last.isNumber || last.isPunctuation || last.isSymbol { stem = stem.dropLast() }
        return stems.contains(String(stem))
    }

    /// One character or short piece over and over, or characters that follow each other in the alphabet.
    private static func isPattern(_ folded: String) -> Bool {
        let scalars = Array(folded.unicodeScalars.map(\.value))
        if Set(scalars).count < 4 { return true }
        let steps = zip(scalars.dropFirst(), scalars).map { Int64($0) - Int64($1) }
        if steps.allSatisfy({ $0 == 1 }) || steps.allSatisfy({ $0 == -1 }) { return true }
        return (1...max(1, scalars.count / 3)).contains { length in
            scalars.indices.dropFirst(length).allSatisfy { scalars[$0] == scalars[$0 - length] }
        }
    }

    private static let stems: Set<String> = [
        "password", "passwort", "passw0rd", "p@ssword", "p@ssw0rd", "motdepasse", "contraseña", "welcome", "willkommen",
        "letmein", "letmeinplease", "changeme", "changemenow", "changemeplease", "administrator", "admin", "drawbridge",
        "iloveyou", "qwertyuiop", "qwertyuiopasdf", "qwertzuiop", "asdfghjkl", "asdfghjklzxc", "1qaz2wsx3edc",
        "monkey", "dragon", "football", "baseball", "sunshine", "princess", "superman", "trustno", "whatever",
        "starwars", "mypassword", "thisismypassword", "newpassword", "defaultpassword", "temporary", "secret",
        "supersecret", "topsecret", "nopassword", "jirapassword", "atlassian", "jira", "confluence", "summer",
        "winter", "spring", "autumn", "company", "",
    ]

    private static let common: Set<String> = [
        "1q2w3e4r5t6y", "1q2w3e4r5t6y7u", "q1w2e3r4t5y6", "1qaz2wsx3edc4rfv", "zaq12wsxcde3", "qazwsxedcrfv",
        "qwerty123456", "123456qwerty", "abc123456789", "a1b2c3d4e5f6", "asdfasdfasdf", "qwer1234asdf",
        "correcthorsebatterystaple", "correct horse battery staple", "passwordpassword", "adminadminadmin",
        "qwertyqwerty", "welcomewelcome", "123456789abc", "1234567890ab", "0987654321ab", "iloveyou123456",
        "unbelievable", "iloveyouforever", "letmeinletmein", "secretsecret", "onceuponatime", "abcdefgh1234",
        "abcd12345678", "password12345678", "qwertyuiop[]", "zxcvbnmasdfghjkl", "asdfghjklqwertyuiop",
        "trustno1trustno1", "hello123hello",
    ]
}
