// openai for Node, its class over the WebSocket that Node has itself, as browsers do.

import { OpenAIRealtimeWebSocket } from 'openai/realtime/websocket';

import { converse } from './openai_conversation.mjs';

await converse(OpenAIRealtimeWebSocket);
