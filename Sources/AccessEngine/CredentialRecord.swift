import FastJSON
public import JiraClient

/// A credential as bytes, to be sealed before they are stored.
public enum CredentialRecord {
    /// What ``credential(kind:_:)`` reads again; `nil` for nobody in particular, who has nothing to keep.
    public static func bytes(_ credential: Credential) -> [UInt8]? {
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
            case .oauth(let grant, let site):
                json.member("grant", Int(grant))
                json.member("site", site)
            case .anonymous: break
            }
        }
        return credential.isAnonymous ? nil : json.bytes
    }

    /// The credential that was kept as `bytes` under its `kind`.
    ///
    /// - Throws: ``CredentialDamage`` where the bytes are not a credential of that kind.
    public static func credential(kind: String, _ bytes: [UInt8]?) throws(CredentialDamage) -> Credential {
        let json: JSONValue
        do {
            json = try bytes.map { try JSONValue(parsing: $0) } ?? .null
        } catch {
            throw CredentialDamage()
        }
        if kind == "oauth", let grant = json["grant"]?.integer, let site = json["site"]?.string {
            return .oauth(grant: Int64(grant), site: site)
        }
        switch (kind, json["email"]?.string, json["token"]?.string, json["username"]?.string, json["password"]?.string)
        {
        case ("anonymous", _, _, _, _): return .anonymous
        case ("api_token", let email?, let token?, _, _): return .apiToken(email: email, token: token)
        case ("personal_access_token", _, let token?, _, _): return .personalAccessToken(token)
        case ("password", _, _, let username?, let password?):
            return .password(username: username, password: password)
        default: throw CredentialDamage()
        }
    }
}

/// What is stored as a credential is none. It says nothing of the bytes, so it is safe to log.
public struct CredentialDamage: Error, Hashable, Sendable, CustomStringConvertible {
    public var description: String { "What is stored is not a credential of the kind it should be." }

    public init() {}
}
