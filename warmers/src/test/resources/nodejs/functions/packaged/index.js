// The directory is the module; its sibling is found by its path from the function's root.
exports.handler = async () => require('shop/orders/list').handler();
