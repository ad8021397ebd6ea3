// The camera's picture.

import AVFoundation
import SwiftUI
import UIKit

struct CameraPreview: UIViewRepresentable {
  let session: AVCaptureSession

  func makeUIView(context: Context) -> PreviewView {
    let view = PreviewView()
    view.preview?.session = session
    view.preview?.videoGravity = .resizeAspectFill
    return view
  }

  func updateUIView(_ view: PreviewView, context: Context) {
    view.turn()
  }
}

/// A view whose layer is the camera's picture, upright however the phone is held.
final class PreviewView: UIView {
  private var turning: AVCaptureDevice.RotationCoordinator?
  private var watch: NSKeyValueObservation?

  override class var layerClass: AnyClass { AVCaptureVideoPreviewLayer.self }

  var preview: AVCaptureVideoPreviewLayer? { layer as? AVCaptureVideoPreviewLayer }

  override func layoutSubviews() {
    super.layoutSubviews()
    turn()
  }

  /// Follows the phone's turning, once the session has a camera.
  func turn() {
    guard turning == nil, let preview,
      let input = preview.session?.inputs.first as? AVCaptureDeviceInput
    else { return }
    let coordinator = AVCaptureDevice.RotationCoordinator(
      device: input.device, previewLayer: preview)
    turning = coordinator
    watch = coordinator.observe(
      \.videoRotationAngleForHorizonLevelPreview, options: [.initial, .new]
    ) { [weak self] coordinator, _ in
      let angle = coordinator.videoRotationAngleForHorizonLevelPreview
      Task { @MainActor in self?.preview?.connection?.videoRotationAngle = angle }
    }
  }
}
