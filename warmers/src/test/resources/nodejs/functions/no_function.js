exports.handler = 'no function';
