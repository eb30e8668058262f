internal import FastJSON
internal import JiraClient
internal import WebFrame

extension Credential {
    /// The credential that a body describes.
    init(_ body: JSONValue) throws(Problem) {
        func need(_ member: String) throws(Problem) -> String {
            guard let text = body[member]?.string else {
                throw .badRequest(
                    "credential_incomplete", "A credential of kind \(body["kind"]?.string ?? "") needs '\(member)'.")
            }
            return text
        }
        switch body["kind"]?.string {
        case "api_token": self = .apiToken(email: try need("email"), token: try need("secret"))
        case "personal_access_token": self = .personalAccessToken(try need("secret"))
        case "password": self = .password(username: try need("username"), password: try need("secret"))
        default: self = .anonymous
        }
    }
}
