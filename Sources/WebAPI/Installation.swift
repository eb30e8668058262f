internal import AuditTrail
internal import ChangeFeed
internal import CocoCompatibility
public import Database
internal import SearchIndex
internal import SignIn
internal import WebFrame
internal import Workspace

/// One installed Drawbridge: a data folder with everything that is kept in it.
public enum Installation {
    /// Every part's tables beside the store's own, in the order in which they are made. A new part is a line at the end.
    public static let migrations: [Migration] =
        Workspace.migrations + SearchIndex.migrations + AuditTrail.migrations + SignIn.migrations
        + KeptAnswers.migrations + ChangeFeed.migrations + Coco.migrations
}
