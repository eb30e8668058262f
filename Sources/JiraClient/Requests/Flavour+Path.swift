import IssueDecoding

extension Flavour {
    /// The path of the platform interface below the site's base URL.
    var platformPath: String {
        switch self {
        case .cloud: "/rest/api/3"
        case .dataCenter: "/rest/api/2"
        }
    }
}
