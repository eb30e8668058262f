internal import AuditTrail
internal import ChangeFeed
internal import CocoCompatibility
public import Cryptography
public import Database
internal import JiraOAuth
internal import SearchIndex
internal import Secrets
internal import SignIn
internal import Store
internal import WebFrame
internal import Webhooks
internal import Workspace

/// One installed Drawbridge: a data folder with everything that is kept in it.
public enum Installation {
    /// Every part's tables beside the store's own, in the order in which they are made. A new part is a line at the end.
    public static let migrations: [Migration] =
        Workspace.migrations + SearchIndex.migrations + AuditTrail.migrations + SignIn.migrations
        + KeptAnswers.migrations + ChangeFeed.migrations + Coco.migrations + JiraOAuth.migrations
        + Secrets.migrations

    /// Every sealed column of those tables, for another key. A test finds one that is missing here.
    public static let sealed: [SealedColumn] =
        [
            SourceRecords.sealed, PersonalCredentials.sealed, WebhookSecrets.sealed, SecondFactors.sealed,
            KeptAnswers.sealed, Subscriptions.sealed,
        ] + GrantRecords.sealed
}
