// Stand-in: asking for time in the background.

import Foundation

open class BGTaskRequest: NSObject {
  open var earliestBeginDate: Date? {
    get { fatalError() }
    set { fatalError() }
  }
}
open class BGAppRefreshTaskRequest: BGTaskRequest {
  public init(identifier: String) { fatalError() }
}
open class BGTaskScheduler: NSObject, @unchecked Sendable {
  open class var shared: BGTaskScheduler { fatalError() }
  open func submit(_ request: BGTaskRequest) throws { fatalError() }
}
