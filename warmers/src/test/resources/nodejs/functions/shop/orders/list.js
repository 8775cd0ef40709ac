exports.handler = async () => 'orders';
exports.nested = { deeper: { handler: async () => 'nested orders' } };
