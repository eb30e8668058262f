import FastJSON
import JiraClient

/// A credential as bytes, to be sealed before they are stored.
enum CredentialRecord {
    static func bytes(_ credential: Credential) -> [UInt8]? {
        var json = JSONWriter()
        json.object { json in
            switch credential {
            case .apiToken(let email, let token):
                json.member("email", email)
                json.member("token", token)
            case .personalAccessToken(let token): json.member("token", token)
            case .password(let username, let password):
                json.member("username", username)
                json.member("password", password)
            case .anonymous: break
            }
        }
        return credential.isAnonymous ? nil : json.bytes
    }

    /// - Throws: ``SyncFailure`` with `secretsUnreadable` where the bytes are not such a credential.
    static func credential(kind: String, _ bytes: [UInt8]?) throws -> Credential {
        let json = try bytes.map { try JSONValue(parsing: $0) } ?? .null
        switch (kind, json["email"]?.string, json["token"]?.string, json["username"]?.string, json["password"]?.string)
        {
        case ("anonymous", _, _, _, _): return .anonymous
        case ("api_token", let email?, let token?, _, _): return .apiToken(email: email, token: token)
        case ("personal_access_token", _, let token?, _, _): return .personalAccessToken(token)
        case ("password", _, _, let username?, let password?):
            return .password(username: username, password: password)
        default:
            throw SyncFailure(
                .secretsUnreadable, what: "The source's credential cannot be used.",
                why: "What is stored is not a credential of the kind it should be.", fix: "Add the source again.")
        }
    }
}
