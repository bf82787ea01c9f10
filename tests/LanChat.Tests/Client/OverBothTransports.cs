namespace LanChat.Tests.Client;

// What holds for a client holds over plain frames and over TLS; each class of tests runs twice.

public sealed class ClientWindowOverPlainFrames() : ClientWindowTests(isTls: false);

public sealed class ClientWindowOverTls() : ClientWindowTests(isTls: true);

public sealed class ClientReaderOverPlainFrames() : ClientReaderTests(isTls: false);

public sealed class ClientReaderOverTls() : ClientReaderTests(isTls: true);

public sealed class ClientSendOverPlainFrames() : ClientSendTests(isTls: false);

public sealed class ClientSendOverTls() : ClientSendTests(isTls: true);

public sealed class ClientMailboxOverPlainFrames() : ClientMailboxTests(isTls: false);

public sealed class ClientMailboxOverTls() : ClientMailboxTests(isTls: true);

public sealed class ClientEndOverPlainFrames() : ClientEndTests(isTls: false);

public sealed class ClientEndOverTls() : ClientEndTests(isTls: true);

public sealed class ClientConnectOverPlainFrames() : ClientConnectTests(isTls: false);

public sealed class ClientConnectOverTls() : ClientConnectTests(isTls: true);

public sealed class ClientHeartbeatOverPlainFrames() : ClientHeartbeatTests(isTls: false);

public sealed class ClientHeartbeatOverTls() : ClientHeartbeatTests(isTls: true);

public sealed class ClientRoomOverPlainFrames() : ClientRoomTests(isTls: false);

public sealed class ClientRoomOverTls() : ClientRoomTests(isTls: true);

public sealed class ClientSplittingOverPlainFrames() : ClientSplittingTests(isTls: false);

public sealed class ClientSplittingOverTls() : ClientSplittingTests(isTls: true);

public sealed class ClientStressOverPlainFrames() : ClientStressTests(isTls: false);

public sealed class ClientStressOverTls() : ClientStressTests(isTls: true);

public sealed class ClientProtocolOverPlainFrames() : ClientProtocolTests(isTls: false);

public sealed class ClientProtocolOverTls() : ClientProtocolTests(isTls: true);

public sealed class ClientReturnOverPlainFrames() : ClientReturnTests(isTls: false);

public sealed class ClientReturnOverTls() : ClientReturnTests(isTls: true);

public sealed class ClientResendOverPlainFrames() : ClientResendTests(isTls: false);

public sealed class ClientResendOverTls() : ClientResendTests(isTls: true);

public sealed class ClientCutOverPlainFrames() : ClientCutTests(isTls: false);

public sealed class ClientCutOverTls() : ClientCutTests(isTls: true);

public sealed class ClientStopWhileAwayOverPlainFrames() : ClientStopWhileAwayTests(isTls: false);

public sealed class ClientStopWhileAwayOverTls() : ClientStopWhileAwayTests(isTls: true);

public sealed class ClientReturnViolationOverPlainFrames() : ClientReturnViolationTests(isTls: false);

public sealed class ClientReturnViolationOverTls() : ClientReturnViolationTests(isTls: true);

public sealed class RoomRequestOverPlainFrames() : RoomRequestTests(isTls: false);

public sealed class RoomRequestOverTls() : RoomRequestTests(isTls: true);

public sealed class ClientCommandOverPlainFrames() : ClientCommandTests(isTls: false);

public sealed class ClientCommandOverTls() : ClientCommandTests(isTls: true);
