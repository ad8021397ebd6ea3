// The camera: its luma planes are lent to the reader where they lie, on the camera's own queue.

import AVFoundation
import KokoniInterface
import KokoniScreens

/// The back camera.
///
/// Frames that come while one is read are dropped by the system, so that never more than one is in
/// flight. Everything but the delegate's call runs on `queue`.
final class CaptureCamera: NSObject, Camera, @unchecked Sendable {
  static let shared = CaptureCamera()

  /// What the preview shows.
  let session = AVCaptureSession()
  private let queue = DispatchQueue(label: "dev.kokoni.camera", qos: .userInitiated)
  private let output = AVCaptureVideoDataOutput()
  private var device: AVCaptureDevice?
  private var use: CameraUse?
  private var take: (@Sendable (LumaFrame) -> Void)?

  func permission() async -> CameraPermission {
    switch AVCaptureDevice.authorizationStatus(for: .video) {
    case .authorized: .granted
    case .restricted: .restricted
    case .notDetermined: await AVCaptureDevice.requestAccess(for: .video) ? .granted : .refused
    default: .refused
    }
  }

  func start(
    _ use: CameraUse, take: @escaping @Sendable (LumaFrame) -> Void
  ) async -> CameraStart {
    await onQueue { [self] in
      guard prepare() else { return .missing }
      (self.use, self.take) = (use, take)
      lightUp(false)
      session.startRunning()
      return .running(hasTorch: device?.hasTorch ?? false)
    }
  }

  func stop(_ use: CameraUse) async {
    await onQueue { [self] in
      guard self.use == use else { return }
      (self.use, take) = (nil, nil)
      session.stopRunning()
    }
  }

  func setTorch(_ on: Bool) async -> Bool {
    await onQueue { [self] in lightUp(on) }
  }

  @discardableResult
  private func lightUp(_ on: Bool) -> Bool {
    guard let device, device.hasTorch, device.isTorchAvailable, locked(device) else {
      return false
    }
    device.torchMode = on ? .on : .off
    device.unlockForConfiguration()
    return on
  }

  /// Builds the session once.
  private func prepare() -> Bool {
    if device != nil { return true }
    guard
      let camera = AVCaptureDevice.default(.builtInWideAngleCamera, for: .video, position: .back),
      let input = try? AVCaptureDeviceInput(device: camera)
    else { return false }
    output.videoSettings = [
      kCVPixelBufferPixelFormatTypeKey as String: kCVPixelFormatType_420YpCbCr8BiPlanarFullRange
    ]
    output.alwaysDiscardsLateVideoFrames = true
    output.setSampleBufferDelegate(self, queue: queue)
    session.beginConfiguration()
    defer { session.commitConfiguration() }
    session.sessionPreset = .hd1280x720
    guard session.canAddInput(input), session.canAddOutput(output) else { return false }
    session.addInput(input)
    session.addOutput(output)
    lookClosely(camera)
    device = camera
    return true
  }

  /// Focuses near. A lens that cannot do so within a hand's width is zoomed, so that a label fills
  /// the picture from where it is sharp.
  private func lookClosely(_ camera: AVCaptureDevice) {
    guard locked(camera) else { return }
    defer { camera.unlockForConfiguration() }
    if camera.isFocusModeSupported(.continuousAutoFocus) {
      camera.focusMode = .continuousAutoFocus
    }
    if camera.isAutoFocusRangeRestrictionSupported {
      camera.autoFocusRangeRestriction = .near
    }
    let handsWidth = 100.0  // millimetres, as `minimumFocusDistance`
    let nearest = Double(camera.minimumFocusDistance)
    guard nearest > handsWidth else { return }
    camera.videoZoomFactor = min(nearest / handsWidth, camera.activeFormat.videoMaxZoomFactor, 2)
  }

  private func locked(_ camera: AVCaptureDevice) -> Bool {
    (try? camera.lockForConfiguration()) != nil
  }

  private func onQueue<Value: Sendable>(_ work: @escaping @Sendable () -> Value) async -> Value {
    await withCheckedContinuation { continuation in
      queue.async { continuation.resume(returning: work()) }
    }
  }
}

extension CaptureCamera: AVCaptureVideoDataOutputSampleBufferDelegate {
  func captureOutput(
    _ output: AVCaptureOutput, didOutput sampleBuffer: CMSampleBuffer,
    from connection: AVCaptureConnection
  ) {
    guard let take, let image = CMSampleBufferGetImageBuffer(sampleBuffer) else { return }
    CVPixelBufferLockBaseAddress(image, .readOnly)
    defer { CVPixelBufferUnlockBaseAddress(image, .readOnly) }
    guard let luma = CVPixelBufferGetBaseAddressOfPlane(image, 0) else { return }
    LumaFrame.lending(
      luma,
      width: CVPixelBufferGetWidthOfPlane(image, 0),
      height: CVPixelBufferGetHeightOfPlane(image, 0),
      rowStride: CVPixelBufferGetBytesPerRowOfPlane(image, 0)
    ) { frame in take(frame) }
  }
}
