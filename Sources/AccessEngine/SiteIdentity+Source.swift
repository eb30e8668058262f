import IssueDecoding
import JiraClient
import Store

extension SiteIdentity {
    /// Whether what answered is the source's site: by Cloud's id of it; by its address where it has none.
    func isSite(of source: Source) -> Bool {
        (flavour == .cloud) == (source.product == .cloud) && siteID == source.siteID
            && (siteID != nil || baseURL == source.url)
    }
}
